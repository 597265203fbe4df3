package dev.capas.image;

import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** All images with all that lists tell of them, read by a handful of statements and kept until the next change. */
@Component
class ImageCatalog {
    private final ImageStore store;
    private final ReferenceStore references;
    private volatile @Nullable Contents kept;

    ImageCatalog(ImageStore store, ReferenceStore references) {
        this.store = store;
        this.references = references;
    }

    /**
     * What is there.
     *
     * @param version of the store that this was read from
     * @param names of the images that have any, sorted
     * @param parents the images that others were made from
     * @param sharedSizes the bytes of its distinct layers that another image lists too, for each image that has any
     */
    record Contents(
            long version,
            List<Image> images,
            Map<Digest, List<Reference>> names,
            Set<Digest> parents,
            Map<Digest, Long> sharedSizes) {
        List<Reference> namesOf(Digest image) {
            return names.getOrDefault(image, List.of());
        }
    }

    Contents contents() {
        Contents known = kept;
        long version = store.version();
        if (known != null && known.version == version) {
            return known;
        }
        Contents read = new Contents(version, store.all(), references.all(), store.parents(), store.sharedSizes());
        if (version % 2 == 0 && version == store.version()) {
            kept = read;
        }
        return read;
    }
}
