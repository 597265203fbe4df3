package dev.capas.network;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import dev.capas.filter.Visibility;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Lists networks, and removes those that nobody uses. */
@Service
public class NetworkList {
    private final Networks networks;
    private final NetworkEvents events;
    private final AtomicBoolean pruning = new AtomicBoolean();

    NetworkList(Networks networks, NetworkEvents events) {
        this.networks = networks;
        this.events = events;
    }

    /**
     * The networks that are wanted, the oldest first.
     *
     * @throws EngineException if a filter is unknown or has a wrong value
     */
    public List<Network> list(Filters filters) {
        filters.accept("dangling", "driver", "id", "label", "name", "scope", "type");
        @Nullable Boolean dangling = filters.contains("dangling") ? (Boolean) dangling(filters) : null;
        for (String type : filters.get("type")) {
            if (!type.equals("custom") && !type.equals("builtin")) {
                throw EngineException.system("invalid filter: 'type'='" + type + "'", null);
            }
        }
        return sorted().filter(
                        network -> matches(filters, network) && (dangling == null || dangling == isDangling(network)))
                .toList();
    }

    private Stream<Network> sorted() {
        return networks.all().stream()
                .filter(network -> Visibility.shows(network.definition().labels()))
                .sorted(Comparator.comparing(network -> network.definition().created()));
    }

    private static boolean dangling(Filters filters) {
        try {
            return filters.getBoolean("dangling", false);
        } catch (EngineException e) {
            throw EngineException.invalidParameter(
                    "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or \"0\")");
        }
    }

    private static boolean isDangling(Network network) {
        return !network.definition().predefined() && network.members().isEmpty();
    }

    private static boolean matches(Filters filters, Network network) {
        NetworkDefinition definition = network.definition();
        return filters.matchExact("driver", definition.driver())
                && filters.matchRegex("name", definition.name())
                && filters.matchRegex("id", definition.id())
                && filters.matchPairs("label", definition.labels())
                && filters.matchExact("scope", definition.scope())
                && filters.matchExact("type", definition.predefined() ? "builtin" : "custom");
    }

    /**
     * Removes the networks that no container is in.
     *
     * @param filters {@code until}, {@code label}, {@code label!}
     * @return the names of those that went
     * @throws EngineException if a filter is unknown or has a wrong value, or another prune runs (409)
     */
    public List<String> prune(Filters filters) {
        Instant until = until(filters);
        if (!pruning.compareAndSet(false, true)) {
            throw alreadyRunning();
        }
        try {
            List<String> removed = prune(filters, until, networks::removeIdle);
            events.pruned();
            return removed;
        } finally {
            pruning.set(false);
        }
    }

    /** What {@link #prune(Filters)} would remove now, and would throw. Nothing is changed. */
    public List<String> previewPrune(Filters filters) {
        Instant until = until(filters);
        if (pruning.get()) {
            throw alreadyRunning();
        }
        return prune(filters, until, networks::removable);
    }

    private static EngineException alreadyRunning() {
        return EngineException.conflict("a prune operation is already running");
    }

    private static @Nullable Instant until(Filters filters) {
        filters.accept("label", "label!", "until");
        return filters.getTimestamp("until");
    }

    private List<String> prune(Filters filters, @Nullable Instant until, Predicate<Network> remove) {
        List<String> removed = new ArrayList<>();
        for (Network network : sorted().toList()) {
            NetworkDefinition definition = network.definition();
            boolean wanted = isDangling(network)
                    && !definition.configOnly()
                    && (until == null || definition.created().isBefore(until))
                    && filters.matchLabels(definition.labels());
            if (wanted && remove.test(network)) {
                removed.add(network.name());
            }
        }
        return removed;
    }
}
