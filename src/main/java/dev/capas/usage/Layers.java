package dev.capas.usage;

import dev.capas.container.Container;
import dev.capas.container.Containers;
import dev.capas.container.MountPoint;
import dev.capas.errdefs.EngineException;
import dev.capas.filter.Slice;
import dev.capas.image.Images;
import dev.capas.layer.FileIndex;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerListing;
import dev.capas.layer.LayerOrder;
import dev.capas.layer.LayerSearch;
import dev.capas.oci.Digest;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Layers with those who use them. */
@Service
public class Layers {
    /** How many users of a layer a list tells. */
    public static final int LISTED_USERS = 3;

    private static final Pattern ID_PREFIX = Pattern.compile("(?:sha256:)?([0-9a-f]{1,64})");

    /** Between the value and the DiffID of a place in a list. */
    private static final char SEPARATOR = '/';

    private final LayerListing layers;
    private final LayerUsers users;
    private final Images images;
    private final Containers containers;
    private final FileIndex files;

    Layers(LayerListing layers, LayerUsers users, Images images, Containers containers, FileIndex files) {
        this.layers = layers;
        this.users = users;
        this.images = images;
        this.containers = containers;
        this.files = files;
    }

    /**
     * Lists layers by a constant number of statements.
     *
     * @param limit how many at most
     * @param after the {@link Slice#next()} of the part before; null for the first
     * @throws EngineException if there is no such image or container (404), or the place is none (400)
     */
    public Slice<UsedLayer> list(LayerQuery query, int limit, @Nullable String after) {
        LayerOrder order = query.sort().order();
        Slice<LayerTally> slice = order == null ? sortedByUse(query, limit, after) : sorted(query, order, limit, after);
        return new Slice<>(users.describe(slice.items()), slice.next());
    }

    private Slice<LayerTally> sorted(LayerQuery query, LayerOrder order, int limit, @Nullable String after) {
        LayerSearch.Place place = after == null ? null : place(after, order::parse);
        Slice<Layer> slice = Slice.first(
                limit,
                layers.find(search(query, order, place, limit == Integer.MAX_VALUE ? limit : limit + 1)),
                layer -> text(order.value(layer), layer.diffId()));
        return new Slice<>(users.count(slice.items(), LISTED_USERS), slice.next());
    }

    private LayerSearch search(LayerQuery query, LayerOrder order, LayerSearch.@Nullable Place after, int limit) {
        return new LayerSearch(
                among(query), query.largerThan(), query.unused(), order, query.descending(), after, limit);
    }

    /** What users are and do is not in the rows of layers: all of them are looked at. */
    private Slice<LayerTally> sortedByUse(LayerQuery query, int limit, @Nullable String after) {
        List<Layer> found = layers.find(search(query, LayerOrder.DIFF_ID, null, Integer.MAX_VALUE));
        boolean byCount = query.sort() == LayerSort.REF_COUNT;
        Comparator<LayerSearch.Place> ascending = Comparator.<LayerSearch.Place, Long>comparing(
                        place -> (Long) place.value())
                .thenComparing(LayerSearch.Place::diffId);
        Comparator<LayerSearch.Place> direction = query.descending() ? ascending.reversed() : ascending;
        LayerSearch.Place behind = after == null ? null : place(after, Long::valueOf);
        Predicate<LayerTally> follows = tally -> behind == null || direction.compare(place(tally, byCount), behind) > 0;
        List<LayerTally> some = users.count(found, LISTED_USERS).stream()
                .filter(follows)
                .sorted(Comparator.comparing(tally -> place(tally, byCount), direction))
                .limit(limit + 1L)
                .toList();
        return Slice.first(
                limit,
                some,
                tally -> text(place(tally, byCount).value(), tally.layer().diffId()));
    }

    /** Where it stands in a list; one that was never used, before all others. */
    private static LayerSearch.Place place(LayerTally tally, boolean byCount) {
        Instant used = Objects.requireNonNullElse(tally.lastUsed(), Instant.EPOCH);
        long nanos = used.getEpochSecond() * 1_000_000_000L + used.getNano();
        return new LayerSearch.Place(
                byCount ? (long) tally.refCount() : nanos, tally.layer().diffId());
    }

    private static String text(Object value, Digest diffId) {
        return value + "" + SEPARATOR + diffId.hex();
    }

    private interface Parse {
        Object parse(String text);
    }

    private static LayerSearch.Place place(String text, Parse value) {
        int separator = text.lastIndexOf(SEPARATOR);
        try {
            return new LayerSearch.Place(
                    value.parse(text.substring(0, separator)), new Digest(text.substring(separator + 1)));
        } catch (RuntimeException e) {
            throw Slice.invalidCursor();
        }
    }

    /** Those that the images and the containers have which are asked for; null for all. */
    private @Nullable Set<Digest> among(LayerQuery query) {
        if (query.images().isEmpty() && query.containers().isEmpty()) {
            return null;
        }
        Set<Digest> ofImages = query.images().stream()
                .flatMap(name -> images.resolve(name).diffIds().stream())
                .collect(Collectors.toCollection(HashSet::new));
        Set<Digest> ofContainers = query.containers().stream()
                .flatMap(name -> layersOf(containers.get(name)))
                .collect(Collectors.toCollection(HashSet::new));
        if (query.images().isEmpty()) {
            return ofContainers;
        }
        if (!query.containers().isEmpty()) {
            ofImages.retainAll(ofContainers);
        }
        return ofImages;
    }

    private static Stream<Digest> layersOf(Container container) {
        return Stream.concat(
                container.readWriteLayer().stack().stream(),
                container.mounts().stream()
                        .map(MountPoint::layers)
                        .flatMap(shown -> shown == null ? Stream.of() : shown.stream()));
    }

    /**
     * A layer with all who use it.
     *
     * @param diffId with or without {@code sha256:}, or the beginning of one
     * @throws EngineException if there is none ("No such layer: …"), or several begin so (400)
     */
    public UsedLayer get(String diffId) {
        var prefix = ID_PREFIX.matcher(diffId);
        List<Layer> found = prefix.matches() ? layers.startingWith(prefix.group(1)) : List.of();
        if (found.isEmpty()) {
            throw EngineException.notFound("No such layer: " + diffId);
        }
        if (found.size() > 1) {
            throw EngineException.invalidParameter("multiple IDs found with provided prefix: " + diffId);
        }
        return users.describe(users.count(found, Integer.MAX_VALUE)).getFirst();
    }

    /**
     * What stands out in a layer, from its index.
     *
     * @throws EngineException if the layer is damaged or went meanwhile
     */
    public LayerContents contents(Digest diffId) {
        return LayerContents.of(files.files(diffId));
    }
}
