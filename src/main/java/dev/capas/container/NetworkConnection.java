package dev.capas.container;

import dev.capas.container.Attachments.Joined;
import dev.capas.container.spec.EtcFiles;
import dev.capas.errdefs.EngineException;
import dev.capas.network.EndpointRules;
import dev.capas.network.EndpointSettings;
import dev.capas.network.Member;
import dev.capas.network.Network;
import dev.capas.network.NetworkDefinition;
import dev.capas.network.NetworkEvents;
import dev.capas.network.Networks;
import dev.capas.network.bridge.Attachment;
import dev.capas.network.bridge.PortException;
import dev.capas.network.bridge.PortRequest;
import dev.capas.network.bridge.Resolving;
import dev.capas.network.bridge.Sandbox;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Connects containers with networks and disconnects them, whether they run or not. */
@Service
public class NetworkConnection {
    private final Containers containers;
    private final ContainerStore store;
    private final Networks networks;
    private final NetworkEvents events;
    private final ContainerNetworking networking;

    NetworkConnection(
            Containers containers,
            ContainerStore store,
            Networks networks,
            NetworkEvents events,
            ContainerNetworking networking) {
        this.containers = containers;
        this.store = store;
        this.networks = networks;
        this.events = events;
        this.networking = networking;
    }

    /**
     * Connects a container.
     *
     * @param term the network's name or ID; one that does not run may be connected with a network that is not there yet
     * @param asked null for nothing in particular
     * @throws EngineException in dockerd's words where it cannot be; nothing has changed then
     */
    public void connect(String term, String name, @Nullable EndpointSettings asked) {
        Container container = containers.get(name);
        EndpointSettings given = asked == null ? EndpointSettings.NONE : asked;
        EndpointSettings settings = given.idle(given.macAddress(), "", null);
        container.lock().lock();
        try {
            Optional<Task> task = container.task();
            if (task.isPresent()) {
                connectRunning(container, task.get(), term, settings);
            } else {
                connectStopped(container, term, settings);
            }
            store.save(container);
        } finally {
            container.lock().unlock();
        }
    }

    private void connectStopped(Container container, String term, EndpointSettings settings) {
        checkRemoval(container);
        Optional<Network> found = networks.find(term);
        if (found.isEmpty()) {
            container.setNetworks(container.networks().asking(term, settings));
            return;
        }
        Network network = found.get();
        EndpointRules.check(network.name(), network, settings);
        networking.checkCombination(container, network);
        if (!container.networks().endpoints().containsKey(network.name())) {
            List<String> names = ContainerNetworking.dnsNames(container, network, settings);
            container.setNetworks(container.networks().asking(network.name(), settings.named(names)));
        }
    }

    private static void checkRemoval(Container container) {
        State.Status status = container.state().status();
        if (status == State.Status.REMOVING || status == State.Status.DEAD) {
            throw EngineException.system(
                    "Container " + container.id()
                            + " is marked for removal and cannot be connected or disconnected to the network",
                    null);
        }
    }

    private void connectRunning(Container container, Task task, String term, EndpointSettings settings) {
        if (ContainerNetworking.sharesNetwork(container)) {
            throw ContainerNetworking.sharing();
        }
        Network network = networks.get(term);
        EndpointRules.check(network.name(), network, settings);
        networking.checkCombination(container, network);
        ContainerNetworks before = container.networks();
        Joined joined;
        try {
            joined = networking.join(container, network, settings);
        } catch (EngineException e) {
            container.setNetworks(before);
            throw e;
        }
        try {
            attach(container, task, joined);
        } catch (EngineException | IOException e) {
            network.leave(container.id());
            container.setNetworks(before);
            throw e instanceof EngineException known ? known : EngineException.system(e.getMessage(), e);
        }
        container.setNetworks(container
                .networks()
                .asking(
                        network.name(),
                        container.networks().endpoints().get(network.name()).withMac(settings.macAddress()))
                .with(network.name(), container.networks().endpoints().get(network.name())));
        events.publish(network, "connect", container.id());
    }

    private void attach(Container container, Task task, Joined joined) throws IOException {
        if (!joined.network().definition().bridged()) {
            return;
        }
        Sandbox sandbox = networking.sandboxOf(container, task);
        Attachments after = new Attachments(container, networking.joined(container));
        List<Joined> before = new ArrayList<>(after.joined());
        before.remove(joined);
        Optional<Joined> publisher = new Attachments(container, before).publisher();
        List<PortRequest> ports = after.publisher().filter(joined::equals).isPresent()
                ? PortMap.requests(container, joined.network().bindingAddress())
                : List.of();
        Attachment attachment = after.attachment(joined, ports);
        try {
            if (publisher.isPresent() && !ports.isEmpty()) {
                sandbox.publish(publisher.get().member().endpointId(), List.of());
            }
            sandbox.connect(attachment);
        } catch (PortException e) {
            throw ContainerNetworking.portTaken(container, e);
        }
        settle(container, sandbox, after);
        EtcHosts.add(container, after.hosts(joined.member()).toList());
    }

    /** Names and ports follow the networks that it is in now. */
    private static void settle(Container container, Sandbox sandbox, Attachments now) throws IOException {
        Resolving resolving = ContainerNetworking.resolving(container, now);
        if (resolving != null) {
            sandbox.resolve(resolving);
            EtcFiles.resolveByEngine(container.directory(), container.hostConfig());
        }
        ContainerNetworking.publish(
                container,
                sandbox,
                now.publisher().map(each -> each.member().endpointId()).stream().toList());
    }

    /**
     * Disconnects a container.
     *
     * @param force whether a container that is not there any more is no error
     * @throws EngineException in dockerd's words where it cannot be; nothing has changed then
     */
    public void disconnect(String term, String name, boolean force) {
        if (force && name.isEmpty()) {
            networks.get(term);
            throw EngineException.invalidParameter("invalid name: name is empty");
        }
        Container container = containers
                .find(name)
                .orElseThrow(() -> EngineException.notFound(
                        force ? "endpoint " + name + " not found" : "No such container: " + name));
        container.lock().lock();
        try {
            Optional<Network> network = networks.find(term);
            if (container.task().isEmpty() || (network.isEmpty() && force)) {
                disconnectStopped(container, network.map(Network::name).orElse(term));
            } else {
                disconnectRunning(container, network.orElseGet(() -> networks.get(term)));
            }
            store.save(container);
        } finally {
            container.lock().unlock();
        }
    }

    private static void disconnectStopped(Container container, String network) {
        checkRemoval(container);
        if (!container.networks().endpoints().containsKey(network)) {
            throw EngineException.system(
                    "container " + container.id() + " is not connected to the network " + network, null);
        }
        container.setNetworks(container.networks().without(network));
    }

    private void disconnectRunning(Container container, Network network) {
        if (network.name().equals(NetworkDefinition.HOST_NETWORK)
                && container.hostConfig().networkMode().equals(NetworkDefinition.HOST_NETWORK)) {
            throw EngineException.invalidParameter(
                    "cannot disconnect container from host network - container was created in host network mode");
        }
        Member member = network.member(container.id())
                .orElseThrow(() -> EngineException.system(
                        "container " + container.id() + " is not connected to network " + network.name(), null));
        container.setNetworks(container.networks().without(network.name()));
        Optional<Sandbox> sandbox = networking.sandbox(container);
        if (network.definition().bridged() && sandbox.isPresent()) {
            try {
                detach(container, sandbox.get(), member);
            } catch (IOException e) {
                throw EngineException.system(
                        "container " + container.id() + " failed to leave network " + network.name() + ": "
                                + e.getMessage(),
                        e);
            }
        }
        network.leave(container.id());
        events.publish(network, "disconnect", container.id());
    }

    private void detach(Container container, Sandbox sandbox, Member member) throws IOException {
        Attachments now = new Attachments(container, networking.joined(container));
        boolean published = !sandbox.ports(member.endpointId()).isEmpty();
        sandbox.disconnect(member.endpointId());
        sandbox.route(now.gateways());
        Optional<Joined> publisher = now.publisher();
        if (published && publisher.isPresent()) {
            Joined next = publisher.get();
            sandbox.publish(
                    next.member().endpointId(),
                    PortMap.requests(container, next.network().bindingAddress()));
        }
        settle(container, sandbox, now);
        EtcHosts.remove(container, member);
    }
}
