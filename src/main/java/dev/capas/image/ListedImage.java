package dev.capas.image;

import dev.capas.oci.Digest;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What lists tell of an image; thousands of them fit where few configurations do.
 *
 * @param id the digest of its configuration
 * @param parent the image that it was committed from here, null where it came from elsewhere
 * @param created when it was made, null where its configuration does not say
 * @param labels null where its configuration has none
 * @param size the apparent bytes of its layers, each as often as it occurs
 * @param lastTagged when it was last given a name here, null where it never was
 */
public record ListedImage(
        Digest id,
        @Nullable Digest parent,
        @Nullable Instant created,
        @Nullable Map<String, String> labels,
        long size,
        @Nullable Instant lastTagged) {
    /** When it was made; 1970 where it does not say. */
    public Instant createdOrEpoch() {
        return Objects.requireNonNullElse(created, Instant.EPOCH);
    }
}
