package dev.capas.image;

import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An image that is here.
 *
 * @param id the digest of its configuration
 * @param config its configuration
 * @param parent the image that it was committed from here, null where it came from elsewhere
 * @param size the apparent bytes of its layers, each as often as it occurs
 * @param lastTagged when it was last given a name here, null where it never was
 */
public record Image(
        Digest id,
        ImageConfig config,
        @Nullable Digest parent,
        long size,
        @Nullable Instant lastTagged) {
    /** The DiffIDs of its layers, bottom first. */
    public List<Digest> diffIds() {
        return config.diffIds();
    }

    /** The labels of its configuration. */
    public Map<String, String> labels() {
        return Objects.requireNonNullElse(config.runConfig().labels(), Map.of());
    }

    /** When it was made; 1970 where it does not say. */
    public Instant created() {
        return Objects.requireNonNullElse(config.created(), Instant.EPOCH);
    }
}
