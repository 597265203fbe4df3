package dev.capas.network;

import dev.capas.errdefs.EngineException;
import dev.capas.network.NetworkDefinition.Pool;
import dev.capas.network.bridge.Bridge;
import dev.capas.network.bridge.InterfaceAddress;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A network of this engine: what it is, and which running containers are in it. Safe for several threads. */
public final class Network {
    private static final int ID_BYTES = 32;
    private static final int SHORT_ID = 12;

    private final NetworkDefinition definition;
    private final BridgeOptions options;
    private final List<AddressPool> pools = new ArrayList<>();
    private final Map<String, Member> members = new ConcurrentSkipListMap<>();
    private boolean removed;

    Network(NetworkDefinition definition) {
        this.definition = definition;
        this.options = BridgeOptions.of(definition.options());
        for (Pool pool : definition.pools()) {
            AddressPool addresses = new AddressPool(pool.parsed());
            IpAddress.parse(pool.gateway()).ifPresent(addresses::take);
            pool.auxiliary().forEach(address -> IpAddress.parse(address).ifPresent(addresses::take));
            pools.add(addresses);
        }
    }

    /** Its 64 hexadecimal digits. */
    public String id() {
        return definition.id();
    }

    /** What it is called. */
    public String name() {
        return definition.name();
    }

    /** What it is. */
    public NetworkDefinition definition() {
        return definition;
    }

    /** Who is in it, by container ID. */
    public Collection<Member> members() {
        return members.values();
    }

    /** The member that is this container. */
    public Optional<Member> member(String containerId) {
        return Optional.ofNullable(members.get(containerId));
    }

    /** The addresses of the host that ports are published on where a client names none; empty for all. */
    public String bindingAddress() {
        return options.bindingAddress();
    }

    /** The address that its bridge has of a family; empty where it has none. */
    public Optional<IpAddress> gateway(boolean v6) {
        return definition.pools().stream()
                .flatMap(pool -> IpAddress.parse(pool.gateway()).stream())
                .filter(address -> address.v6() == v6)
                .findFirst();
    }

    /** What it is in the kernel. */
    public Bridge bridge() {
        return new Bridge(
                id(),
                link(),
                options.inhibitIpv4() ? addresses(true) : addresses(false),
                definition.internal(),
                options.interContainer(),
                options.masquerade(),
                options.mtu(),
                IpAddress.parse(options.source())
                        .map(IpAddress::inet)
                        .filter(Inet4Address.class::isInstance)
                        .map(Inet4Address.class::cast)
                        .orElse(null));
    }

    private List<InterfaceAddress> addresses(boolean onlyV6) {
        return definition.pools().stream()
                .flatMap(pool -> IpAddress.parse(pool.gateway()).stream()
                        .filter(address -> address.v6() || !onlyV6)
                        .map(address -> new InterfaceAddress(
                                address.inet(), pool.parsed().length())))
                .toList();
    }

    /** The name of its interface on the host. */
    public String link() {
        return options.link().isEmpty() ? "br-" + id().substring(0, SHORT_ID) : options.link();
    }

    /**
     * What a container asks for that joins.
     *
     * @param ipv4 null for any
     * @param ipv6 null for any
     * @param macAddress empty for any
     */
    public record Join(
            String containerId,
            String name,
            List<String> dnsNames,
            @Nullable IpAddress ipv4,
            @Nullable IpAddress ipv6,
            String macAddress) {}

    /**
     * Gives a container its addresses.
     *
     * @throws EngineException if somebody of that name is in it or an address is taken (403), or no address is left (500)
     */
    public synchronized Member join(Join join) {
        if (removed) {
            throw Networks.notFound(id());
        }
        if (definition.configOnly()) {
            throw EngineException.forbidden("cannot create endpoint on configuration-only network");
        }
        if (members.values().stream().anyMatch(member -> member.name().equals(join.name()))) {
            throw EngineException.forbidden(
                    "endpoint with name " + join.name() + " already exists in network " + name());
        }
        boolean bridged = definition.bridged();
        Subnet ipv4 = take(false, join.ipv4());
        Subnet ipv6;
        try {
            ipv6 = take(true, join.ipv6());
        } catch (EngineException e) {
            release(ipv4);
            throw e;
        }
        Member member = new Member(
                bridged ? randomId() : join.containerId(),
                join.containerId(),
                join.name(),
                join.dnsNames(),
                !bridged || !join.macAddress().isEmpty() ? join.macAddress() : MacAddresses.random(),
                ipv4,
                ipv6);
        members.put(join.containerId(), member);
        return member;
    }

    private @Nullable Subnet take(boolean v6, @Nullable IpAddress asked) {
        for (int index = 0; index < pools.size(); index++) {
            AddressPool pool = pools.get(index);
            if (pool.subnet().v6() != v6) {
                continue;
            }
            if (asked != null) {
                if (!pool.take(asked)) {
                    throw EngineException.forbidden("Address already in use");
                }
                return new Subnet(asked, pool.subnet().length());
            }
            String range = definition.pools().get(index).range();
            return pool.takeLowest(range.isEmpty() ? null : Subnet.of(range))
                    .map(address -> new Subnet(address, pool.subnet().length()))
                    .orElseThrow(() -> EngineException.system(
                            "no available IPv" + (v6 ? 6 : 4) + " addresses on this network's address pools: " + name()
                                    + " (" + id() + ")",
                            null));
        }
        return null;
    }

    private void release(@Nullable Subnet address) {
        if (address != null) {
            pools.stream()
                    .filter(pool -> pool.subnet().v6() == address.v6())
                    .forEach(pool -> pool.release(address.address()));
        }
    }

    /** Takes a member of an earlier run of the daemon as it was. */
    public synchronized void restore(Member member) {
        for (AddressPool pool : pools) {
            if (member.ipv4() != null) {
                pool.take(member.ipv4().address());
            }
            if (member.ipv6() != null) {
                pool.take(member.ipv6().address());
            }
        }
        members.put(member.containerId(), member);
    }

    /** Takes back the addresses of a container; empty if it was not in it. */
    public synchronized Optional<Member> leave(String containerId) {
        Optional<Member> left = Optional.ofNullable(members.remove(containerId));
        left.ifPresent(member -> {
            release(member.ipv4());
            release(member.ipv6());
        });
        return left;
    }

    /** Gives a member another name. */
    public synchronized void rename(String containerId, String name, List<String> dnsNames) {
        members.computeIfPresent(containerId, (id, member) -> member.renamed(name, dnsNames));
    }

    /** Keeps everybody out from now on; refused while somebody is in it (403). */
    synchronized void close() {
        requireIdle();
        removed = true;
    }

    /** Throws what {@link #close} would throw now. */
    synchronized void requireIdle() {
        if (!members.isEmpty()) {
            String all = members.values().stream()
                    .map(member -> "name:\"" + member.name() + "\" id:\""
                            + member.endpointId().substring(0, SHORT_ID) + "\"")
                    .collect(Collectors.joining(", "));
            throw EngineException.forbidden(
                    "error while removing network: network " + name() + " has active endpoints (" + all + ")");
        }
    }

    /** Lets everybody in again, where the removal has failed. */
    synchronized void reopen() {
        removed = false;
    }

    /** An ID of its own for a network or an endpoint. */
    static String randomId() {
        byte[] bytes = new byte[ID_BYTES];
        ThreadLocalRandom.current().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public String toString() {
        return name() + " (" + id() + ")";
    }
}
