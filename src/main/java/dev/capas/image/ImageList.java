package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import dev.capas.filter.Visibility;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;

/** Lists the images, by a number of statements that does not depend on how many there are. */
@Service
public class ImageList {
    private static final Predicate<Reference> ANY = name -> true;

    private final Images images;
    private final ImageStore store;
    private final ImageCatalog catalog;
    private final ObjectProvider<ImageUsers> users;

    ImageList(Images images, ImageStore store, ImageCatalog catalog, ObjectProvider<ImageUsers> users) {
        this.images = images;
        this.store = store;
        this.catalog = catalog;
        this.users = users;
    }

    /**
     * The images, latest first.
     *
     * @param filters {@code before}, {@code since} (an image), {@code until}, {@code dangling}, {@code label}, {@code reference}
     * @param all whether also those without a name that others were made from
     * @param limit how many at most; 0 for all
     * @throws EngineException if a filter is unknown or has a wrong value, or the limit is negative
     */
    public List<ImageSummary> list(Filters filters, boolean all, boolean sharedSize, int limit) {
        filters.accept("dangling", "label", "before", "since", "reference", "until");
        if (limit < 0) {
            throw EngineException.invalidParameter("invalid limit '" + limit + "': it is negative");
        }
        boolean danglingOnly = filters.getBoolean("dangling", false);
        Predicate<ListedImage> wanted = timeFilter(filters)
                .and(image -> filters.matchPairs("label", Objects.requireNonNullElse(image.labels(), Map.of())));
        Predicate<Reference> named = nameFilter(filters);

        ImageCatalog.Contents contents = catalog.contents();
        Map<Digest, Long> containers = counts();
        Map<Digest, Long> shared = sharedSize ? catalog.weights().shared() : Map.of();

        List<ImageSummary> list = new ArrayList<>();
        for (ListedImage image : contents.images()) {
            Digest id = image.id();
            List<Reference> names = contents.namesOf(id);
            List<Reference> shown =
                    named == ANY ? names : names.stream().filter(named).toList();
            boolean parent = contents.parents().contains(id);
            boolean left = danglingOnly
                    ? !parent && names.stream().noneMatch(name -> name.tag() != null)
                    : !shown.isEmpty()
                            || !filters.contains("dangling") && !filters.contains("reference") && (all || !parent);
            if (left && Visibility.shows(image.labels()) && wanted.test(image)) {
                long sharedBytes = sharedSize ? shared.getOrDefault(id, 0L) : -1;
                list.add(new ImageSummary(image, shown, sharedBytes, containers.getOrDefault(id, 0L)));
                if (list.size() == limit) {
                    break;
                }
            }
        }
        return list;
    }

    /** The images that list this layer, latest first. */
    public List<ImageSummary> using(Digest layer) {
        Set<Digest> images = store.using(layer);
        return list(Filters.NONE, true, false, 0).stream()
                .filter(summary -> images.contains(summary.image().id()))
                .toList();
    }

    /** The bytes of all layers that images list, each once. */
    public long layersSize() {
        return catalog.weights().total();
    }

    private Map<Digest, Long> counts() {
        ImageUsers known = users.getIfAvailable();
        return known == null ? Map.of() : known.counts();
    }

    private Predicate<ListedImage> timeFilter(Filters filters) {
        @Nullable Instant before = null;
        @Nullable Instant since = null;
        for (String name : filters.get("before")) {
            before = images.resolve(name).created();
        }
        for (String name : filters.get("since")) {
            since = images.resolve(name).created();
        }
        Instant until = filters.getImageTimestamp("until");
        if (until != null) {
            before = before == null || until.isBefore(before) ? until : before;
        }
        Instant from = since;
        Instant to = before;
        if (from == null && to == null) {
            return image -> true;
        }
        return image -> image.created() != null
                && (to == null || image.created().isBefore(to))
                && (from == null || image.created().isAfter(from));
    }

    private static Predicate<Reference> nameFilter(Filters filters) {
        if (!filters.contains("reference")) {
            return ANY;
        }
        List<NamePattern> patterns =
                filters.get("reference").stream().map(NamePattern::of).toList();
        return name -> patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }
}
