package dev.capas.network;

import dev.capas.errdefs.EngineException;
import dev.capas.network.NetworkDefinition.Pool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The subnets of a network in the making: claimed one after the other, and given back where it comes to nothing. */
final class PoolAllocation {
    private static final Subnet LINK_LOCAL = Subnet.of("fe80::/64");
    private static final Subnet MULTICAST = Subnet.of("ff00::/8");

    private final AddressSpace space;
    private final Collection<Network> others;
    private final List<Subnet> claimed = new ArrayList<>();
    private final String self;

    /** Among these networks; the last one is how the new one is told of in errors. */
    PoolAllocation(AddressSpace space, Collection<Network> others, String self) {
        this.space = space;
        this.others = others;
        this.self = self;
    }

    /**
     * Claims what is asked for, or what is free where nothing is asked for.
     *
     * @throws EngineException in dockerd's words where it cannot be had; nothing is claimed then
     */
    List<Pool> allocate(Ipam ipam, boolean enableIpv4, boolean enableIpv6) {
        List<Pool> pools = new ArrayList<>();
        try {
            if (enableIpv4) {
                family(ipam, false, pools);
            }
            if (enableIpv6) {
                family(ipam, true, pools);
            }
            return pools;
        } catch (EngineException e) {
            release();
            throw e;
        }
    }

    /** Gives all back. */
    void release() {
        claimed.forEach(space::release);
        claimed.clear();
    }

    private void family(Ipam ipam, boolean v6, List<Pool> pools) {
        List<Ipam.Config> asked = ipam.asked().stream()
                .filter(config -> Subnet.of(config.subnet()).v6() == v6)
                .toList();
        if (asked.size() > 1) {
            throw EngineException.forbidden("bridge driver doesn't support multiple subnets");
        }
        pools.add(asked.isEmpty() ? any(v6) : these(asked.getFirst()));
    }

    private Pool any(boolean v6) {
        Subnet subnet = space.claimAny(v6, HostSubnets.of(v6, ""))
                .orElseThrow(() ->
                        EngineException.invalidParameter("all predefined address pools have been fully subnetted"));
        claimed.add(subnet);
        return new Pool(subnet.toString(), "", subnet.first().next().toString(), List.of(), false);
    }

    private Pool these(Ipam.Config config) {
        Subnet subnet = Subnet.of(config.subnet());
        if (!space.claim(subnet)) {
            throw overlap(subnet, config.ipRange().isEmpty());
        }
        claimed.add(subnet);
        AddressPool addresses = new AddressPool(subnet);
        IpAddress gateway = gateway(config, addresses);
        for (Map.Entry<String, String> auxiliary : config.auxiliary().entrySet()) {
            if (!IpAddress.parse(auxiliary.getValue()).map(addresses::take).orElse(false)) {
                throw EngineException.system(
                        "failed to allocate secondary ip address (" + auxiliary.getKey() + ":" + auxiliary.getValue()
                                + "): Address already in use",
                        null);
            }
        }
        checkV6(new Subnet(gateway, subnet.length()));
        return new Pool(
                subnet.toString(),
                config.ipRange(),
                gateway.toString(),
                List.copyOf(config.auxiliary().values()),
                true);
    }

    private static IpAddress gateway(Ipam.Config config, AddressPool addresses) {
        if (config.gateway().isEmpty()) {
            @Nullable Subnet range = config.ipRange().isEmpty() ? null : Subnet.of(config.ipRange());
            return addresses
                    .takeLowest(range)
                    .orElseThrow(() -> EngineException.system(
                            "failed to allocate gateway (): no available addresses on this pool", null));
        }
        return IpAddress.parse(config.gateway())
                .filter(addresses::take)
                .orElseThrow(() -> EngineException.system(
                        "failed to allocate gateway (" + config.gateway() + "): Address already in use", null));
    }

    private static void checkV6(Subnet address) {
        if (address.v6() && MULTICAST.overlaps(address)) {
            throw EngineException.invalidParameter("multicast subnet '" + address + "' is not allowed");
        }
        if (address.v6() && LINK_LOCAL.overlaps(address) && !address.masked().equals(LINK_LOCAL)) {
            throw EngineException.invalidParameter("'" + address + "' clashes with the Link-Local prefix 'fe80::/64'");
        }
    }

    /** With a range dockerd lets the pool pass, and it is the bridge that is refused. */
    private EngineException overlap(Subnet subnet, boolean whole) {
        return others.stream()
                .filter(other -> !whole
                        && other.definition().pools().stream()
                                .anyMatch(pool -> pool.parsed().overlaps(subnet)))
                .findFirst()
                .map(other -> conflict(self, other, "networks have overlapping IPv" + (subnet.v6() ? 6 : 4)))
                .orElseGet(() -> EngineException.forbidden(
                        "invalid pool request: Pool overlaps with other one on this address space"));
    }

    /** That one of this name contradicts another. */
    static EngineException conflict(String self, Network other, String reason) {
        return EngineException.forbidden("cannot create network " + self + ": conflicts with network " + other.id()
                + " (" + other.link() + "): " + reason);
    }
}
