package dev.capas.network;

import dev.capas.errdefs.EngineException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes definitions of networks of what clients ask for (dockerd's rules, in its order). Held by whoever has the lock of all networks. */
final class NetworkCreation {
    private static final String NO_MANAGER =
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to"
                    + " swarm and try again.";
    private static final Set<String> DRIVERS =
            Set.of(NetworkDefinition.BRIDGE, NetworkDefinition.HOST, NetworkDefinition.NULL);

    private final Collection<Network> others;
    private final AddressSpace space;
    private @Nullable PoolAllocation allocation;

    /** Beside these networks. */
    NetworkCreation(Collection<Network> others, AddressSpace space) {
        this.others = others;
        this.space = space;
    }

    /**
     * What the new network is. Its subnets are claimed; {@link #undo} gives them back.
     *
     * @throws EngineException in dockerd's words for what cannot be
     */
    NetworkDefinition define(NetworkRequest request) {
        if (request.name().isBlank()) {
            throw EngineException.invalidParameter("invalid name: name is empty");
        }
        if (NetworkDefinition.PREDEFINED.contains(request.name())
                || request.name().equals("default")) {
            throw EngineException.forbidden("operation is not permitted on predefined " + request.name() + " network ");
        }
        if (request.driver().equals("overlay")) {
            throw EngineException.forbidden(NO_MANAGER);
        }
        Map<String, String> options = new TreeMap<>(request.options() == null ? Map.of() : request.options());
        boolean ipv4 = enabled(request.enableIpv4(), options, BridgeOptions.ENABLE_V4, true);
        boolean ipv6 = enabled(request.enableIpv6(), options, BridgeOptions.ENABLE_V6, false);
        Ipam ipam = request.ipam() == null ? Ipam.NONE : request.ipam();
        IpamRules.check(ipam, ipv6);
        if (find(request.name()) != null) {
            throw EngineException.conflict("network with name " + request.name() + " already exists");
        }
        if (request.scope().equals("swarm")) {
            throw EngineException.forbidden("cannot create a swarm scoped network when swarm is not active");
        }
        checkDriver(request);
        Network source = source(request);
        Map<String, String> labels = request.labels() == null ? Map.of() : request.labels();
        if (source != null) {
            NetworkDefinition from = source.definition();
            ipam = from.ipam();
            options = from.options();
            labels = from.labels();
            ipv6 = ipv6 || from.enableIpv6();
        }
        return complete(request, ipam, options, labels, ipv4, ipv6);
    }

    private static boolean enabled(
            @Nullable Boolean asked, Map<String, String> options, String name, boolean otherwise) {
        String option = options.get(name);
        if (asked != null) {
            options.remove(name);
            return asked;
        }
        if (option != null && !BridgeOptions.isBoolean(option)) {
            throw EngineException.invalidParameter("driver-opt \"" + name + "\" is not a valid bool");
        }
        return option == null ? otherwise : BridgeOptions.isTrue(option);
    }

    private @Nullable Network find(String name) {
        return others.stream()
                .filter(other -> other.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static void checkDriver(NetworkRequest request) {
        String driver = request.driver().isEmpty() ? NetworkDefinition.BRIDGE : request.driver();
        if (!DRIVERS.contains(driver)) {
            throw EngineException.notFound("plugin \"" + driver + "\" not found");
        }
        if (request.ingress() && !request.scope().equals("global")) {
            throw EngineException.forbidden("Ingress network can only be global scope network");
        }
        if (!request.configOnly() && !driver.equals(NetworkDefinition.BRIDGE)) {
            throw EngineException.forbidden("only one instance of \"" + driver + "\" network is allowed");
        }
        String manager = request.ipam() == null ? "" : request.ipam().driver();
        if (manager.equals(NetworkDefinition.NULL)) {
            throw EngineException.invalidParameter("ipv4 pool is empty");
        }
        if (!manager.isEmpty() && !manager.equals(Ipam.DEFAULT)) {
            throw EngineException.notFound("plugin \"" + manager + "\" not found");
        }
    }

    /** The network that the configuration is taken from, null for none. */
    private @Nullable Network source(NetworkRequest request) {
        String name = request.configFrom() == null ? "" : request.configFrom().network();
        if (name.isEmpty()) {
            return null;
        }
        if (request.configOnly()) {
            throw EngineException.forbidden("a configuration network cannot depend on another configuration network");
        }
        Network source = find(name);
        if (source == null || !source.definition().configOnly()) {
            throw EngineException.notFound("configuration network \"" + name + "\" does not exist");
        }
        if (request.options() != null && !request.options().isEmpty()) {
            throw EngineException.forbidden(
                    "network driver options are not supported if the network depends on a configuration network");
        }
        if (request.labels() != null && !request.labels().isEmpty()
                || request.ipam() != null && !request.ipam().asked().isEmpty()) {
            throw EngineException.forbidden(
                    "user specified configurations are not supported if the network depends on a configuration network");
        }
        return source;
    }

    private NetworkDefinition complete(
            NetworkRequest request,
            Ipam ipam,
            Map<String, String> options,
            Map<String, String> labels,
            boolean ipv4,
            boolean ipv6) {
        if (!ipv4 && !ipv6) {
            throw EngineException.invalidParameter("IPv4 or IPv6 must be enabled");
        }
        String id = Network.randomId();
        NetworkDefinition bare = new NetworkDefinition(
                id,
                request.name(),
                Instant.now(),
                request.scope().isEmpty() ? NetworkDefinition.LOCAL : request.scope(),
                request.configOnly() ? NetworkDefinition.NULL : NetworkDefinition.BRIDGE,
                ipv4,
                ipv6,
                new Ipam(ipam.driver().isEmpty() ? Ipam.DEFAULT : ipam.driver(), ipam.options(), ipam.config()),
                request.internal(),
                request.attachable(),
                request.ingress(),
                request.configFrom() == null ? "" : request.configFrom().network(),
                request.configOnly(),
                options,
                new HashMap<>(labels),
                List.of());
        if (request.configOnly()) {
            return bare;
        }
        String link = BridgeOptions.of(withoutFaults(options)).link();
        String self = id + " (" + (link.isEmpty() ? "br-" + id.substring(0, 12) : link) + ")";
        allocation = new PoolAllocation(space, others, self);
        List<NetworkDefinition.Pool> pools = allocation.allocate(ipam, ipv4, ipv6);
        try {
            BridgeOptions.check(options);
            checkLink(self, link);
        } catch (EngineException e) {
            undo();
            throw e;
        }
        return withPools(bare, pools);
    }

    /** Of the options that may be wrong yet, the one that says what the network is called. */
    private static Map<String, String> withoutFaults(Map<String, String> options) {
        return Map.of(BridgeOptions.LINK, options.getOrDefault(BridgeOptions.LINK, ""));
    }

    private void checkLink(String self, String link) {
        for (Network other : others) {
            if (!link.isEmpty() && other.definition().bridged() && other.link().equals(link)) {
                throw PoolAllocation.conflict(self, other, "networks have same bridge name");
            }
        }
    }

    /** The definition with its subnets, which clients see where they have not chosen them. */
    static NetworkDefinition withPools(NetworkDefinition bare, List<NetworkDefinition.Pool> pools) {
        return new NetworkDefinition(
                bare.id(),
                bare.name(),
                bare.created(),
                bare.scope(),
                bare.driver(),
                bare.enableIpv4(),
                bare.enableIpv6(),
                new Ipam(bare.ipam().driver(), bare.ipam().options(), shown(bare.ipam(), pools)),
                bare.internal(),
                bare.attachable(),
                bare.ingress(),
                bare.configFrom(),
                bare.configOnly(),
                bare.options(),
                bare.labels(),
                pools);
    }

    /** First of IPv4, then of IPv6: what was asked for as it was, what the engine chose with its gateway. */
    private static List<Ipam.Config> shown(Ipam asked, List<NetworkDefinition.Pool> pools) {
        List<Ipam.Config> shown = new java.util.ArrayList<>();
        for (boolean v6 : new boolean[] {false, true}) {
            asked.asked().stream()
                    .filter(config -> Subnet.of(config.subnet()).v6() == v6)
                    .forEach(shown::add);
            pools.stream()
                    .filter(pool -> !pool.asked() && pool.parsed().v6() == v6)
                    .map(pool -> new Ipam.Config(pool.subnet(), "", pool.gateway(), null))
                    .forEach(shown::add);
        }
        return shown;
    }

    /** Gives back what {@link #define} has claimed. */
    void undo() {
        if (allocation != null) {
            allocation.release();
        }
    }
}
