package dev.capas.image;

import dev.capas.filter.Visibility;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.lang.ref.SoftReference;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** All images with all that lists tell of them, read by a handful of statements and kept until the next change, or until memory is short. */
@Component
class ImageCatalog {
    private static final Comparator<ListedImage> LATEST_FIRST = Comparator.comparing(
                    (ListedImage image) -> image.createdOrEpoch().getEpochSecond())
            .reversed()
            .thenComparing(ListedImage::id);

    private final ImageStore store;
    private final ReferenceStore references;
    private volatile Kept<Contents> contents = new Kept<>(-1, new SoftReference<>(null));
    private volatile Kept<ListedLayers> layers = new Kept<>(-1, new SoftReference<>(null));

    ImageCatalog(ImageStore store, ReferenceStore references) {
        this.store = store;
        this.references = references;
    }

    /** Something as it was read from this version of the store. */
    private record Kept<T>(long version, SoftReference<T> value) {}

    /**
     * What is there.
     *
     * @param images the latest first
     * @param names of the images that have any, sorted
     * @param parents the images that others were made from
     */
    record Contents(List<ListedImage> images, Map<Digest, List<Reference>> names, Set<Digest> parents) {
        List<Reference> namesOf(Digest image) {
            return names.getOrDefault(image, List.of());
        }
    }

    Contents contents() {
        return read(contents, kept -> contents = kept, () -> {
            List<ListedImage> images = store.listed();
            images.sort(LATEST_FIRST);
            return new Contents(images, references.all(), store.parents());
        });
    }

    /** What those of the images that this request may see weigh. */
    ListedLayers.Weights weights() {
        Set<Digest> visible = contents().images().stream()
                .filter(image -> Visibility.shows(image.labels()))
                .map(ListedImage::id)
                .collect(Collectors.toSet());
        return read(layers, kept -> layers = kept, store::listedLayers).weigh(visible::contains);
    }

    private <T> T read(Kept<T> kept, Consumer<Kept<T>> keep, Supplier<T> reading) {
        T known = kept.value.get();
        long version = store.version();
        if (known != null && kept.version == version) {
            return known;
        }
        T read = reading.get();
        if (version % 2 == 0 && version == store.version()) {
            keep.accept(new Kept<>(version, new SoftReference<>(read)));
        }
        return read;
    }
}
