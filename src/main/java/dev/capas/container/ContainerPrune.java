package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/** Removes the containers that do not run. */
@Service
public class ContainerPrune {
    private static final Logger log = LoggerFactory.getLogger(ContainerPrune.class);

    private final Containers containers;
    private final ContainerEvents events;
    private final Removal removal;
    private final Sizes sizes;
    private final AtomicBoolean running = new AtomicBoolean();

    ContainerPrune(Containers containers, ContainerEvents events, Removal removal, Sizes sizes) {
        this.containers = containers;
        this.events = events;
        this.removal = removal;
        this.sizes = sizes;
    }

    /**
     * What a prune did.
     *
     * @param deleted the IDs of the containers that went
     * @param reclaimed the bytes that they had written
     */
    public record Outcome(List<String> deleted, long reclaimed) {}

    /**
     * Removes them.
     *
     * @param filters {@code until}, {@code label}, {@code label!}
     * @throws EngineException if a filter is unknown or has a wrong value, or another prune runs (409)
     */
    public Outcome prune(Filters filters) {
        Instant until = until(filters);
        if (!running.compareAndSet(false, true)) {
            throw alreadyRunning();
        }
        try {
            Outcome outcome =
                    prune(filters, until, container -> removal.remove(container, container.id(), false, false));
            events.pruned(outcome.reclaimed());
            return outcome;
        } finally {
            running.set(false);
        }
    }

    /** What {@link #prune(Filters)} would do now, and would throw. Nothing is changed. */
    public Outcome preview(Filters filters) {
        Instant until = until(filters);
        if (running.get()) {
            throw alreadyRunning();
        }
        return prune(filters, until, container -> Removal.check(container, container.id(), false));
    }

    private static EngineException alreadyRunning() {
        return EngineException.conflict("a prune operation is already running");
    }

    private static @Nullable Instant until(Filters filters) {
        filters.accept("label", "label!", "until");
        return filters.getTimestamp("until");
    }

    private Outcome prune(Filters filters, @Nullable Instant until, Consumer<Container> remove) {
        List<String> deleted = new ArrayList<>();
        long reclaimed = 0;
        for (Container container : containers.all()) {
            if (isWanted(container, filters, until)) {
                try {
                    long size = sizes.of(container).readWrite();
                    remove.accept(container);
                    deleted.add(container.id());
                    reclaimed += size;
                } catch (IOException | EngineException e) {
                    log.warn("Container {} is not pruned: {}", container.id(), e.getMessage());
                }
            }
        }
        return new Outcome(deleted, reclaimed);
    }

    private static boolean isWanted(Container container, Filters filters, @Nullable Instant until) {
        State.Status status = container.state().status();
        return !container.state().running()
                && status != State.Status.REMOVING
                && (until == null || container.created().isBefore(until))
                && filters.matchLabels(container.config().labels());
    }
}
