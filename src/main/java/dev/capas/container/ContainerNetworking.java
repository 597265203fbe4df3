package dev.capas.container;

import dev.capas.container.Attachments.Joined;
import dev.capas.container.ContainerNetworks.Published;
import dev.capas.container.spec.Connectivity;
import dev.capas.container.spec.ExternalServers;
import dev.capas.errdefs.EngineException;
import dev.capas.network.EndpointRules;
import dev.capas.network.EndpointSettings;
import dev.capas.network.IpAddress;
import dev.capas.network.Member;
import dev.capas.network.Network;
import dev.capas.network.NetworkDefinition;
import dev.capas.network.NetworkEvents;
import dev.capas.network.Networks;
import dev.capas.network.bridge.Attachment;
import dev.capas.network.bridge.Bridges;
import dev.capas.network.bridge.HostLock;
import dev.capas.network.bridge.PortException;
import dev.capas.network.bridge.PublishedPort;
import dev.capas.network.bridge.Resolving;
import dev.capas.network.bridge.Running;
import dev.capas.network.bridge.Sandbox;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The networks of containers that run: joined before the start, left at the end. The container's lock is held by the caller. */
@Component
class ContainerNetworking {
    private static final String FAILED = "failed to set up container networking: ";
    private static final String INTERFACE = "com.docker.network.endpoint.ifname";

    private final Networks networks;
    private final Bridges bridges;
    private final NetworkEvents events;
    private final Links links;
    private final Map<String, Sandbox> sandboxes = new ConcurrentHashMap<>();

    ContainerNetworking(Networks networks, Bridges bridges, NetworkEvents events, Links links) {
        this.networks = networks;
        this.bridges = bridges;
        this.events = events;
        this.links = links;
    }

    /** Its network namespace, where it is of this engine's making. */
    Optional<Sandbox> sandbox(Container container) {
        return Optional.ofNullable(sandboxes.get(container.id()));
    }

    /**
     * The same for a container that runs and is about to be connected: one that was started without a network has a namespace that the
     * OCI runtime has made.
     */
    Sandbox sandboxOf(Container container, Task task) throws IOException {
        Sandbox known = sandboxes.get(container.id());
        if (known == null) {
            known = bridges.adopt(new Running(container.id(), task.init().pid(), 0, List.of(), null));
            sandboxes.put(container.id(), known);
        }
        return known;
    }

    /** The descriptors that hold its ports. */
    List<Integer> reserved(Container container) {
        return sandbox(container).map(Sandbox::reserved).orElse(List.of());
    }

    /**
     * Joins the networks of a container that is about to start, and begins to connect it.
     *
     * @return what the container is told of them
     * @throws EngineException in dockerd's words; it is in no network then
     */
    Connectivity begin(Container container) {
        if (container.config().networkDisabled() || sharesNetwork(container)) {
            return Connectivity.NONE;
        }
        try {
            List<Joined> joined = joinAll(container);
            Attachments attachments = new Attachments(container, joined);
            List<String> environment = links.environment(container);
            Connectivity connectivity = joined.isEmpty()
                    ? new Connectivity(null, List.of(), false, hostGateways(), List.of())
                    : connectivity(container, attachments, open(container, attachments), environment);
            container
                    .networks()
                    .endpoints()
                    .values()
                    .forEach(settings -> networks.find(settings.networkId())
                            .ifPresent(network -> events.publish(network, "connect", container.id())));
            tellLinked(container);
            return connectivity;
        } catch (EngineException e) {
            leaveAll(container);
            throw new EngineException(e.kind(), FAILED + e.getMessage(), e);
        } catch (IOException e) {
            leaveAll(container);
            throw EngineException.system(FAILED + e.getMessage(), e);
        } catch (RuntimeException e) {
            leaveAll(container);
            throw e;
        }
    }

    private void tellLinked(Container container) {
        try {
            links.follow(container);
        } catch (IOException e) {
            LoggerFactory.getLogger(ContainerNetworking.class)
                    .warn("What is linked to container {} is not told of its address", container.id(), e);
        }
    }

    /** Whether it has the network namespace of another container. */
    static boolean sharesNetwork(Container container) {
        return container.hostConfig().networkMode().startsWith("container:");
    }

    private Connectivity connectivity(
            Container container, Attachments attachments, Sandbox sandbox, List<String> environment) {
        List<String> hosts = new ArrayList<>(links.hosts(container));
        hosts.addAll(attachments.hosts());
        return new Connectivity(sandbox.path(), hosts, attachments.resolves(), hostGateways(), environment);
    }

    private List<String> hostGateways() {
        return networks.defaultBridge().gateway(false).map(IpAddress::toString).stream()
                .toList();
    }

    private List<Joined> joinAll(Container container) {
        List<Joined> joined = new ArrayList<>();
        ContainerNetworks before = container.networks();
        List<String> names = new ArrayList<>(before.endpoints().keySet());
        names.sort((a, b) -> Boolean.compare(isMain(container, b), isMain(container, a)));
        for (String name : names) {
            EndpointSettings settings = before.endpoints().get(name);
            Network network = networks.get(term(name, settings));
            Joined each = join(container, network, settings.withMac(before.macAddress(name)));
            if (!network.name().equals(name)) {
                container.setNetworks(container.networks().without(name));
            }
            if (network.definition().bridged()) {
                joined.add(each);
            }
        }
        needNoRow(container);
        return joined;
    }

    private static boolean isMain(Container container, String network) {
        return container.hostConfig().networkMode().equals(network);
    }

    /** How to find the network again: one that somebody made may have another name by now, and a new one the same. */
    static String term(String name, EndpointSettings settings) {
        return EndpointRules.isUserDefined(name) && !settings.networkId().isEmpty() ? settings.networkId() : name;
    }

    /**
     * Makes a container a member of a network, with what it asks for.
     *
     * @throws EngineException in dockerd's words where it cannot be
     */
    Joined join(Container container, Network network, EndpointSettings asked) {
        EndpointRules.check(network.name(), network, asked);
        checkCombination(container, network);
        List<String> names = dnsNames(container, network, asked);
        container.setNetworks(
                container.networks().with(network.name(), asked.withMac("").named(names)));
        EndpointSettings.Addresses addresses = asked.ipamConfig();
        Member member = network.join(new Network.Join(
                container.id(),
                container.name(),
                names == null ? List.of() : names,
                addresses == null
                        ? null
                        : IpAddress.parse(addresses.ipv4Address()).orElse(null),
                addresses == null
                        ? null
                        : IpAddress.parse(addresses.ipv6Address()).orElse(null),
                asked.macAddress()));
        ContainerNetworks now =
                container.networks().with(network.name(), asked.named(names).joined(network, member));
        container.setNetworks(
                network.definition().bridged() ? now.through(network.name(), interfaceName(now, asked)) : now);
        return new Joined(network, member);
    }

    private static String interfaceName(ContainerNetworks networks, EndpointSettings asked) {
        String usual = networks.freeInterface();
        return asked.driverOpts() == null ? usual : asked.driverOpts().getOrDefault(INTERFACE, usual);
    }

    /** Refuses networks that cannot be together (400). */
    void checkCombination(Container container, Network network) {
        boolean hostMode = container.hostConfig().networkMode().equals(NetworkDefinition.HOST_NETWORK);
        if (!hostMode && network.name().equals(NetworkDefinition.HOST_NETWORK)) {
            throw EngineException.invalidParameter(
                    "cannot connect container to host network - container must be created in host network mode");
        }
        if (hostMode && !network.name().equals(NetworkDefinition.HOST_NETWORK)) {
            throw sharing();
        }
        for (String other : container.networks().endpoints().keySet()) {
            if (other.equals(network.name())) {
                continue;
            }
            if (other.equals(NetworkDefinition.HOST_NETWORK) || network.name().equals(NetworkDefinition.HOST_NETWORK)) {
                throw sharing();
            }
            if (other.equals(NetworkDefinition.NO_NETWORK) || network.name().equals(NetworkDefinition.NO_NETWORK)) {
                throw EngineException.invalidParameter("container cannot be connected to multiple networks with one of"
                        + " the networks in private (none) mode");
            }
        }
    }

    /** That whoever has another's network can have none of its own (400). */
    static EngineException sharing() {
        return EngineException.invalidParameter("container sharing network namespace with another container or host"
                + " cannot be connected to any other network");
    }

    /** By which names others in a network find a container; null where the network does not resolve names. */
    static @Nullable List<String> dnsNames(Container container, Network network, EndpointSettings asked) {
        if (network.definition().predefined()) {
            return null;
        }
        LinkedHashSet<String> names = new LinkedHashSet<>();
        names.add(container.name());
        names.addAll(asked.aliases() == null ? List.of() : asked.aliases());
        names.add(container.shortId());
        if (!container.config().hostname().isEmpty()) {
            names.add(container.config().hostname());
        }
        return List.copyOf(names);
    }

    /** The bridges that it is on. */
    List<Joined> joined(Container container) {
        List<Joined> joined = new ArrayList<>();
        container.networks().endpoints().forEach((name, settings) -> {
            Optional<Network> network = networks.find(term(name, settings));
            Optional<Member> member = network.flatMap(each -> each.member(container.id()));
            if (member.isPresent() && network.get().definition().bridged()) {
                joined.add(new Joined(network.get(), member.get()));
            }
        });
        return joined;
    }

    private Sandbox open(Container container, Attachments attachments) throws IOException {
        bridges.unavailable().ifPresent(reason -> {
            throw EngineException.unavailable(reason);
        });
        List<Attachment> all = attachments.all();
        try {
            Sandbox sandbox = bridges.open(container.id(), all, resolving(container, attachments));
            sandboxes.put(container.id(), sandbox);
            publish(
                    container,
                    sandbox,
                    all.stream().map(each -> each.endpoint().id()).toList());
            return sandbox;
        } catch (PortException e) {
            throw portTaken(container, e);
        }
    }

    /** Tells in dockerd's words of a port that cannot be had. */
    static EngineException portTaken(Container container, PortException e) {
        return EngineException.system(
                "driver failed programming external connectivity on endpoint " + container.name() + " ("
                        + e.endpointId() + "): " + e.getMessage(),
                e);
    }

    /** How the engine resolves names for a container; null where it does not. */
    static @Nullable Resolving resolving(Container container, Attachments attachments) throws IOException {
        return attachments.resolves()
                ? new Resolving(
                        attachments.names(),
                        attachments.reachesOut() ? ExternalServers.of(container.hostConfig()) : List.of())
                : null;
    }

    /** Takes note of the ports that these endpoints publish. */
    static void publish(Container container, Sandbox sandbox, List<String> endpoints) {
        List<Published> ports = new ArrayList<>();
        for (String endpoint : endpoints) {
            for (PublishedPort port : sandbox.ports(endpoint)) {
                ports.add(new Published(
                        address(port.hostAddress()),
                        port.hostPort(),
                        port.containerPort(),
                        port.protocol().toString()));
            }
        }
        if (!ports.equals(container.networks().published())) {
            container.setNetworks(container.networks().publishing(ports));
        }
    }

    private static String address(InetAddress address) {
        return IpAddress.of(address).toString();
    }

    /** Waits until it is connected. */
    void await(Container container) throws IOException {
        Sandbox sandbox = sandboxes.get(container.id());
        if (sandbox != null) {
            sandbox.await();
        }
    }

    /** Leaves all networks after the end of a run, and frees addresses and ports; does nothing for a container that is in none. */
    void end(Container container) {
        List<Network> left = leaveAll(container);
        left.forEach(network -> events.publish(network, "disconnect", container.id()));
    }

    private List<Network> leaveAll(Container container) {
        Sandbox sandbox = sandboxes.remove(container.id());
        if (sandbox != null) {
            sandbox.close();
        }
        List<Network> left = new ArrayList<>();
        ContainerNetworks before = container.networks();
        before.endpoints()
                .forEach((name, settings) -> networks.find(term(name, settings))
                        .filter(network -> network.leave(container.id()).isPresent())
                        .ifPresent(left::add));
        container.setNetworks(before.idle());
        needNoRow(container);
        return left;
    }

    /** What {@code none} and {@code host} give can be told without a row, so that no run of such a container writes one. */
    private static void needNoRow(Container container) {
        if (!container.networks().bridged()) {
            container.networksSaved(container.networks());
        }
    }

    /**
     * Takes up the networks of an earlier run of the daemon, and the places in them of the containers that run still.
     *
     * @param all the containers that there are
     * @param alive those that have processes
     */
    void restore(List<Container> all, Map<Container, Task> alive) throws IOException {
        Set<String> inUse = new HashSet<>();
        for (Container container : alive.keySet()) {
            container.networks().endpoints().values().forEach(settings -> inUse.add(settings.networkId()));
        }
        try (HostLock alone = HostLock.take()) {
            networks.load(inUse);
            sandboxes.putAll(networks.restore(running(all, alive)));
        }
    }

    private List<Running> running(List<Container> all, Map<Container, Task> alive) throws IOException {
        List<Running> running = new ArrayList<>();
        for (Container container : all) {
            Task task = alive.get(container);
            if (task != null && container.state().running()) {
                List<Joined> joined = rejoin(container);
                if (!joined.isEmpty()) {
                    Attachments attachments = new Attachments(container, joined);
                    running.add(new Running(
                            container.id(),
                            task.init().pid(),
                            task.conmon().pid(),
                            attachments.restored(),
                            resolving(container, attachments)));
                }
            } else if (container.state().startedAt() != null) {
                rememberIds(container);
            }
        }
        return running;
    }

    private List<Joined> rejoin(Container container) {
        List<Joined> joined = new ArrayList<>();
        container.networks().endpoints().forEach((name, settings) -> {
            Optional<Network> network = networks.find(term(name, settings));
            if (network.isPresent() && network.get().definition().bridged()) {
                Member member = settings.member(container.id(), container.name());
                network.get().restore(member);
                joined.add(new Joined(network.get(), member));
            } else if (network.isPresent()) {
                join(container, network.get(), settings);
                needNoRow(container);
            }
        });
        return joined;
    }

    /** What {@code none} and {@code host} have given is in no row. */
    private void rememberIds(Container container) {
        if (!container.networks().bridged()) {
            container.setNetworks(container
                    .networks()
                    .mapped((name, settings) -> networks.find(name)
                            .map(network -> settings.idle("", network.id(), settings.dnsNames()))
                            .orElse(settings)));
            needNoRow(container);
        }
    }

    /** The container's new name, in all its networks. */
    void rename(Container container) {
        container.setNetworks(container.networks().mapped((name, settings) -> {
            Network network = networks.find(term(name, settings)).orElse(null);
            if (network == null) {
                return settings;
            }
            List<String> names = dnsNames(container, network, settings);
            network.rename(container.id(), container.name(), names == null ? List.of() : names);
            return settings.dnsNames() == null ? settings : settings.named(names);
        }));
    }
}
