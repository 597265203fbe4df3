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
        filters.accept("dangling", "label", "label!", "until");
        boolean danglingOnly = filters.getBoolean("dangling", true);
        Instant until = filters.getImageTimestamp("until");
        if (!running.compareAndSet(false, true)) {
            throw EngineException.conflict("a prune operation is already running");
        }
        try {
            List<Removal> steps = new ArrayList<>();
            long reclaimed = 0;
            ImageCatalog.Contents contents = catalog.contents();
            Set<Digest> parents = contents.parents();
            for (ListedImage image : contents.images()) {
                List<Reference> own = contents.namesOf(image.id());
                boolean tagged = own.stream().anyMatch(name -> name.tag() != null);
                boolean intermediate = parents.contains(image.id()) && own.isEmpty();
                if (danglingOnly && (tagged || parents.contains(image.id()))
                        || intermediate
                        || until != null && image.createdOrEpoch().isAfter(until)
                        || !filters.matchLabels(image.labels())) {
                    continue;
                }
                List<String> targets = own.isEmpty()
                        ? List.of(image.id().hex())
                        : own.stream().map(Reference::toString).toList();
                for (String target : targets) {
                    try {
                        ImageDeletion.Outcome outcome = deletion.delete(target, false, true);
                        steps.addAll(outcome.steps());
                        reclaimed += outcome.reclaimed();
                    } catch (EngineException e) {
                        LOG.debug("prune leaves {}: {}", target, e.getMessage());
                    }
                }
            }
            events.publish("image", "prune", "", Map.of("reclaimed", Long.toString(reclaimed)));
            return new ImageDeletion.Outcome(steps, reclaimed);
        } finally {
            running.set(false);
        }
    }
}
