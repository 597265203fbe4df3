package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.event.EventBus;
import dev.capas.filter.Filters;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/** Removes the images that nobody needs. */
@Service
public class ImagePrune {
    private static final Logger LOG = LoggerFactory.getLogger(ImagePrune.class);

    private final ImageCatalog catalog;
    private final ImageDeletion deletion;
    private final EventBus events;
    private final AtomicBoolean running = new AtomicBoolean();

    ImagePrune(ImageCatalog catalog, ImageDeletion deletion, EventBus events) {
        this.catalog = catalog;
        this.deletion = deletion;
        this.events = events;
    }

    /**
     * Removes the images without a tag, or with {@code dangling=false} all that no container uses.
     *
     * @param filters {@code dangling}, {@code until}, {@code label}, {@code label!}
     * @throws EngineException if a filter is unknown or has a wrong value, or another prune runs (409)
     */
    public ImageDeletion.Outcome prune(Filters filters) {
        Wanted wanted = Wanted.of(filters);
        if (!running.compareAndSet(false, true)) {
            throw alreadyRunning();
        }
        try {
            ImageDeletion.Outcome outcome = prune(wanted, name -> deletion.delete(name, false, true));
            events.publish("image", "prune", "", Map.of("reclaimed", Long.toString(outcome.reclaimed())));
            return outcome;
        } finally {
            running.set(false);
        }
    }

    /** What {@link #prune(Filters)} would do now, and would throw. Nothing is changed. */
    public ImageDeletion.Outcome preview(Filters filters) {
        Wanted wanted = Wanted.of(filters);
        if (running.get()) {
            throw alreadyRunning();
        }
        ImageDraft draft = deletion.draft();
        return prune(wanted, name -> deletion.outcome(draft.delete(name, false, true)));
    }

    private static EngineException alreadyRunning() {
        return EngineException.conflict("a prune operation is already running");
    }

    /** What the filters ask for. */
    private record Wanted(boolean danglingOnly, Predicate<ListedImage> image) {
        static Wanted of(Filters filters) {
            filters.accept("dangling", "label", "label!", "until");
            boolean danglingOnly = filters.getBoolean("dangling", true);
            Instant until = filters.getImageTimestamp("until");
            return new Wanted(
                    danglingOnly,
                    image -> (until == null || !image.createdOrEpoch().isAfter(until))
                            && filters.matchLabels(image.labels()));
        }
    }

    private ImageDeletion.Outcome prune(Wanted wanted, Function<String, ImageDeletion.Outcome> delete) {
        List<Removal> steps = new ArrayList<>();
        long reclaimed = 0;
        ImageCatalog.Contents contents = catalog.contents();
        Set<Digest> parents = contents.parents();
        for (ListedImage image : contents.images()) {
            List<Reference> own = contents.namesOf(image.id());
            boolean tagged = own.stream().anyMatch(name -> name.tag() != null);
            boolean intermediate = parents.contains(image.id()) && own.isEmpty();
            if (wanted.danglingOnly() && (tagged || parents.contains(image.id()))
                    || intermediate
                    || !wanted.image().test(image)) {
                continue;
            }
            List<String> targets = own.isEmpty()
                    ? List.of(image.id().hex())
                    : own.stream().map(Reference::toString).toList();
            for (String target : targets) {
                try {
                    ImageDeletion.Outcome outcome = delete.apply(target);
                    steps.addAll(outcome.steps());
                    reclaimed += outcome.reclaimed();
                } catch (EngineException e) {
                    LOG.debug("prune leaves {}: {}", target, e.getMessage());
                }
            }
        }
        return new ImageDeletion.Outcome(steps, reclaimed);
    }
}
