package dev.capas.volume;

import dev.capas.errdefs.EngineException;
import dev.capas.event.EventBus;
import dev.capas.filter.Filters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/** Removes the volumes that no container uses. */
@Service
public class VolumePrune {
    private static final Logger log = LoggerFactory.getLogger(VolumePrune.class);

    /** What Go's {@code strconv.ParseBool} takes. */
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");

    private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False");

    private final Volumes volumes;
    private final EventBus events;
    private final AtomicBoolean running = new AtomicBoolean();

    VolumePrune(Volumes volumes, EventBus events) {
        this.volumes = volumes;
        this.events = events;
    }

    /**
     * What a prune did.
     *
     * @param deleted the names of the volumes that went
     * @param reclaimed the bytes that were in them
     */
    public record Outcome(List<String> deleted, long reclaimed) {}

    /**
     * Removes them: without options, unused, and anonymous where not all are meant.
     *
     * @param filters {@code label}, {@code label!}, {@code all}
     * @throws EngineException if a filter is unknown or has a wrong value, or another prune runs (409)
     */
    public Outcome prune(Filters filters) {
        boolean all = all(filters);
        if (!running.compareAndSet(false, true)) {
            throw alreadyRunning();
        }
        try {
            Outcome outcome = prune(filters, all, volume -> volumes.remove(volume, false));
            events.publish("volume", "prune", "", Map.of("reclaimed", Long.toString(outcome.reclaimed())));
            return outcome;
        } finally {
            running.set(false);
        }
    }

    /** What {@link #prune(Filters)} would do now, and would throw. Nothing is changed. */
    public Outcome preview(Filters filters) {
        boolean all = all(filters);
        if (running.get()) {
            throw alreadyRunning();
        }
        return prune(filters, all, volume -> volumes.checkRemove(volume, false));
    }

    private static EngineException alreadyRunning() {
        return EngineException.conflict("a prune operation is already running");
    }

    private Outcome prune(Filters filters, boolean all, Consumer<String> remove) {
        List<String> deleted = new ArrayList<>();
        long reclaimed = 0;
        Set<String> used = volumes.used();
        for (Volume volume : volumes.list(Filters.NONE)) {
            if (!used.contains(volume.name())
                    && !volume.hasOptions()
                    && (all || volume.anonymous())
                    && filters.matchLabels(volume.labels())) {
                long size = Volumes.size(volume);
                try {
                    remove.accept(volume.name());
                    deleted.add(volume.name());
                    reclaimed += Math.max(0, size);
                } catch (EngineException e) {
                    log.warn("Volume {} is not pruned: {}", volume.name(), e.getMessage());
                }
            }
        }
        return new Outcome(deleted, reclaimed);
    }

    private static boolean all(Filters filters) {
        filters.accept("label", "label!", "all");
        List<String> values = filters.get("all");
        if (values.size() > 1) {
            throw EngineException.invalidParameter(
                    "invalid filter 'all=[" + String.join(" ", values) + "]': only one value is expected");
        }
        if (!values.isEmpty() && !TRUE.contains(values.getFirst()) && !FALSE.contains(values.getFirst())) {
            throw EngineException.invalidParameter(
                    "invalid filter 'all': strconv.ParseBool: parsing \"" + values.getFirst() + "\": invalid syntax");
        }
        return !values.isEmpty() && TRUE.contains(values.getFirst());
    }
}
