package dev.capas.usage;

import dev.capas.layer.Layer;
import dev.capas.oci.Digest;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Two images beside each other.
 *
 * @param inRegistry whether the base was looked up in its registry; its files are not known then
 * @param files null where the files of the base are not known
 */
public record Comparison(
        Side image, Side base, boolean inRegistry, @Nullable FileComparison files) {
    /**
     * One of the two.
     *
     * @param id the digest of its configuration
     * @param layers bottom first, each as often as it occurs
     */
    public record Side(Digest id, List<SizedLayer> layers) {
        /** The apparent bytes of its layers; null where one is not known. */
        public @Nullable Long size() {
            return sum(layers.stream().map(SizedLayer::size).toList());
        }

        /** The bytes of its layers' blobs; null where one was never seen. */
        public @Nullable Long compressedSize() {
            return sum(layers.stream().map(SizedLayer::compressedSize).toList());
        }

        /** Each layer once. */
        private List<SizedLayer> distinct() {
            Set<Digest> seen = new HashSet<>();
            return layers.stream().filter(layer -> seen.add(layer.diffId())).toList();
        }

        private List<SizedLayer> among(Side other, boolean there) {
            Set<Digest> others = other.layers().stream().map(SizedLayer::diffId).collect(Collectors.toSet());
            return distinct().stream()
                    .filter(layer -> others.contains(layer.diffId()) == there)
                    .toList();
        }
    }

    /**
     * A layer with what is known of it.
     *
     * @param size the apparent bytes; null where the layer is not here
     * @param compressedSize the bytes of its blob; null where none was ever seen
     */
    public record SizedLayer(
            Digest diffId, @Nullable Long size, @Nullable Long compressedSize) {
        static SizedLayer of(Digest diffId, Map<Digest, Layer> here, @Nullable Long compressedSize) {
            Layer layer = here.get(diffId);
            return layer == null
                    ? new SizedLayer(diffId, null, compressedSize)
                    : new SizedLayer(
                            diffId, layer.size(), compressedSize == null ? layer.compressedSize() : compressedSize);
        }
    }

    /**
     * Some layers, each once.
     *
     * @param size the apparent bytes; null where one is not known
     * @param compressedSize the bytes of their blobs; null where one is not known
     */
    public record Layers(
            List<SizedLayer> layers,
            @Nullable Long size,
            @Nullable Long compressedSize) {
        static Layers of(List<SizedLayer> layers) {
            return new Layers(
                    layers,
                    sum(layers.stream().map(SizedLayer::size).toList()),
                    sum(layers.stream().map(SizedLayer::compressedSize).toList()));
        }
    }

    /** What the image has more than the base, in bytes; null where one is not known. */
    public @Nullable Long sizeDelta() {
        return difference(image.size(), base.size());
    }

    /** The same of the compressed bytes. */
    public @Nullable Long compressedDelta() {
        return difference(image.compressedSize(), base.compressedSize());
    }

    /** The layers that both have. */
    public Layers common() {
        return Layers.of(image.among(base, true));
    }

    /** The layers that the image alone has. */
    public Layers added() {
        return Layers.of(image.among(base, false));
    }

    /** The layers that the base alone has. */
    public Layers removed() {
        return Layers.of(base.among(image, false));
    }

    private static @Nullable Long difference(@Nullable Long one, @Nullable Long other) {
        return one == null || other == null ? null : one - other;
    }

    private static @Nullable Long sum(Collection<@Nullable Long> sizes) {
        return sizes.stream().anyMatch(Objects::isNull)
                ? null
                : sizes.stream()
                        .filter(Objects::nonNull)
                        .mapToLong(Long::longValue)
                        .sum();
    }
}
