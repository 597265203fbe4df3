package dev.capas.network;

import dev.capas.errdefs.EngineException;
import dev.capas.linux.Processes;
import dev.capas.network.bridge.Bridge;
import dev.capas.network.bridge.Bridges;
import dev.capas.network.bridge.HostLock;
import dev.capas.network.bridge.Running;
import dev.capas.network.bridge.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Service;

/**
 * The networks that there are. A network is a bridge of the host while the engine runs or somebody is in it: an engine that stops takes
 * the idle ones with it, and makes them again when it starts.
 */
@Service
public class Networks implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(Networks.class);

    private final NetworkStore store;
    private final Bridges bridges;
    private final NetworkEvents events;
    private final NetworkDefaults defaults;
    private final AddressSpace space;
    private final Map<String, Network> byId = new ConcurrentSkipListMap<>();
    private final ReentrantLock changing = new ReentrantLock();
    private boolean restored;

    Networks(NetworkStore store, Bridges bridges, NetworkEvents events, NetworkDefaults defaults) {
        this.store = store;
        this.bridges = bridges;
        this.events = events;
        this.defaults = defaults;
        this.space = new AddressSpace(
                defaults.pools().stream()
                        .map(pool -> new AddressSpace.Block(pool.base(), pool.size()))
                        .toList(),
                defaults.engineId());
    }

    /** Why there can be no bridges here, in words for people; empty where there can. */
    public Optional<String> unavailable() {
        return bridges.unavailable();
    }

    /** That a firewall of somebody else may keep traffic from containers, in words for people. */
    public Optional<String> warning() {
        return bridges.warning();
    }

    /** The kinds of networks that there are. */
    public List<String> drivers() {
        return List.of(NetworkDefinition.BRIDGE, NetworkDefinition.HOST, NetworkDefinition.NULL);
    }

    /** All of them, by ID. */
    public Collection<Network> all() {
        return byId.values();
    }

    /** The network that every container is in that asks for no other. */
    public Network defaultBridge() {
        return get(NetworkDefinition.BRIDGE);
    }

    /**
     * The network that a user means by an ID, a name or the beginning of an ID.
     *
     * @throws EngineException if there is none (404), or the beginning fits several (400)
     */
    public Network get(String term) {
        return find(term).orElseThrow(() -> notFound(term));
    }

    /** Like {@link #get}, empty where there is none. */
    public Optional<Network> find(String term) {
        Network exact = byId.get(term);
        if (exact != null) {
            return Optional.of(exact);
        }
        Optional<Network> named = byId.values().stream()
                .filter(network -> network.name().equals(term))
                .findFirst();
        if (named.isPresent() || term.isEmpty()) {
            return named;
        }
        List<Network> beginning = byId.values().stream()
                .filter(network -> network.id().startsWith(term))
                .toList();
        if (beginning.size() > 1) {
            throw EngineException.invalidParameter(
                    "network " + term + " is ambiguous (" + beginning.size() + " matches found based on ID prefix)");
        }
        return beginning.stream().findFirst();
    }

    static EngineException notFound(String term) {
        return EngineException.notFound("network " + term + " not found");
    }

    /**
     * Makes a network.
     *
     * @throws EngineException in dockerd's words for what cannot be; nothing of it stays
     */
    public Network create(NetworkRequest request) {
        changing.lock();
        try (HostLock alone = HostLock.take()) {
            NetworkCreation creation = new NetworkCreation(byId.values(), space);
            Network network = new Network(creation.define(request));
            boolean bridged =
                    network.definition().bridged() && bridges.unavailable().isEmpty();
            try {
                if (bridged) {
                    bridges.create(network.bridge());
                }
                store.insert(network.definition(), bridged ? bootId() : "");
            } catch (IOException | RuntimeException e) {
                creation.undo();
                removeQuietly(network.bridge());
                throw EngineException.system("cannot create network " + network.id() + ": " + e.getMessage(), e);
            }
            byId.put(network.id(), network);
            events.publish(network, "create");
            return network;
        } catch (IOException e) {
            throw EngineException.system("cannot create network " + request.name() + ": " + e.getMessage(), e);
        } finally {
            changing.unlock();
        }
    }

    /**
     * Removes a network that nobody is in.
     *
     * @throws EngineException if there is none (404), or every engine has it, or it is in use (403)
     */
    public void remove(String term) {
        changing.lock();
        try {
            remove(get(term));
        } finally {
            changing.unlock();
        }
    }

    /** Throws what {@link #remove(String)} would throw now; changes nothing. */
    public void checkRemove(String term) {
        changing.lock();
        try {
            Network network = get(term);
            requireRemovable(network);
            network.requireIdle();
        } finally {
            changing.unlock();
        }
    }

    private void requireRemovable(Network network) {
        NetworkDefinition definition = network.definition();
        if (definition.predefined()) {
            throw EngineException.forbidden(network.name() + " is a pre-defined network and cannot be removed");
        }
        if (definition.configOnly()
                && byId.values().stream()
                        .anyMatch(other -> other.definition().configFrom().equals(network.name()))) {
            throw EngineException.forbidden(
                    "error while removing network: configuration network \"" + network.name() + "\" is in use");
        }
    }

    private void remove(Network network) {
        NetworkDefinition definition = network.definition();
        requireRemovable(network);
        network.close();
        try {
            if (definition.bridged() && bridges.unavailable().isEmpty()) {
                bridges.remove(network.bridge());
            }
            store.delete(network.id());
        } catch (IOException | RuntimeException e) {
            network.reopen();
            throw EngineException.system("error while removing network: " + e.getMessage(), e);
        }
        byId.remove(network.id());
        definition.pools().forEach(pool -> space.release(pool.parsed()));
        if (!definition.configOnly()) {
            events.publish(network, "destroy");
        }
    }

    /** Whether {@link #removeIdle} would remove it now. */
    boolean removable(Network network) {
        try {
            checkRemove(network.id());
            return true;
        } catch (EngineException e) {
            return false;
        }
    }

    /** Removes one that nobody is in; false if it cannot be removed. */
    boolean removeIdle(Network network) {
        changing.lock();
        try {
            remove(network);
            return true;
        } catch (EngineException e) {
            log.debug("Network {} is not pruned: {}", network, e.getMessage());
            return false;
        } finally {
            changing.unlock();
        }
    }

    /**
     * Takes up the networks of an earlier run of the daemon, and makes those that every engine has.
     *
     * @param inUse the IDs of networks that containers are in
     */
    public void load(Set<String> inUse) {
        List<NetworkStore.Loaded> rows = store.load();
        for (NetworkStore.Loaded row : rows) {
            if (!row.definition().name().equals(NetworkDefinition.BRIDGE)) {
                add(row.definition());
            }
        }
        PredefinedNetworks predefined = new PredefinedNetworks(defaults, space);
        for (String name : List.of(NetworkDefinition.HOST, "none")) {
            if (find(name).isEmpty()) {
                NetworkDefinition made = predefined.withoutAddresses(name);
                store.insert(made, "");
                add(made);
            }
        }
        Optional<NetworkStore.Loaded> bridge = rows.stream()
                .filter(row -> row.definition().name().equals(NetworkDefinition.BRIDGE))
                .findFirst();
        boolean held = bridge.isPresent()
                && (inUse.contains(bridge.get().definition().id())
                        || bridge.get().boot().equals(bootId()));
        NetworkDefinition now = predefined.bridge(bridge.map(NetworkStore.Loaded::definition), held);
        String boot = bridges.unavailable().isEmpty() ? bootId() : "";
        if (bridge.isEmpty()) {
            store.insert(now, boot);
        } else if (!now.equals(bridge.get().definition())
                || !boot.equals(bridge.get().boot())) {
            store.update(now, boot);
        }
        add(now);
    }

    private void add(NetworkDefinition definition) {
        definition.pools().forEach(pool -> space.claim(pool.parsed()));
        byId.put(definition.id(), new Network(definition));
    }

    /** Has the bridges of all networks, and the containers that run still on theirs; the sandboxes of those, by container ID. */
    public Map<String, Sandbox> restore(Collection<Running> running) throws IOException {
        if (bridges.unavailable().isPresent()) {
            return Map.of();
        }
        List<Bridge> all = byId.values().stream()
                .filter(network -> network.definition().bridged())
                .map(Network::bridge)
                .toList();
        Map<String, Sandbox> sandboxes = bridges.restore(all, running);
        restored = true;
        return sandboxes;
    }

    /** Takes the bridges along that nobody is on; where nobody is on any, they all go with the rules at once. */
    @Override
    public void destroy() {
        if (!restored) {
            return;
        }
        List<Network> bridged = byId.values().stream()
                .filter(network -> network.definition().bridged())
                .toList();
        boolean inUse = bridged.stream().anyMatch(network -> !network.members().isEmpty());
        for (Network network : bridged) {
            if (network.members().isEmpty()) {
                if (inUse) {
                    removeQuietly(network.bridge());
                }
                if (network.definition().predefined()) {
                    store.update(network.definition(), "");
                }
            }
        }
    }

    private static String bootId() {
        try {
            return Processes.bootId();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void removeQuietly(Bridge bridge) {
        try {
            if (bridges.unavailable().isEmpty()) {
                bridges.remove(bridge);
            }
        } catch (IOException e) {
            log.error("Bridge {} cannot be removed", bridge.link(), e);
        }
    }
}
