package dev.capas.usage;

import dev.capas.container.Container;
import dev.capas.image.ImageUse;
import dev.capas.oci.Digest;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.springframework.stereotype.Component;

/** When images were last used: when a container of theirs, be it gone, was last made, started or ended. */
@Component
class LastUse {
    private final ImageUse kept;

    LastUse(ImageUse kept) {
        this.kept = kept;
    }

    /**
     * Of all images that ever were, by one statement.
     *
     * @param containers that there are
     */
    Map<Digest, Instant> ofImages(Collection<Container> containers) {
        Map<Digest, Instant> used = kept.all();
        containers.forEach(
                container -> used.merge(container.imageId(), container.lastUsed(), (a, b) -> a.isAfter(b) ? a : b));
        return used;
    }
}
