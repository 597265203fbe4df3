package dev.capas.image;

import dev.capas.oci.Digest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step that made an image, as {@code docker history} prints it.
 *
 * @param image the image that stood after the step, null where it is not known here
 * @param created when, null where the image does not say
 * @param createdBy the command
 * @param tags the names of that image
 * @param size the apparent bytes of the layer that the step made, 0 where it made none
 * @param comment of the one who did it
 */
public record HistoryStep(
        @Nullable Digest image,
        @Nullable Instant created,
        String createdBy,
        List<String> tags,
        long size,
        String comment) {
    HistoryStep leadingTo(Digest id, List<String> names) {
        return new HistoryStep(id, created, createdBy, names, size, comment);
    }
}
