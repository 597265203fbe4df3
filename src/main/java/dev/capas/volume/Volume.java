package dev.capas.volume;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A volume. Its driver is always {@link #DRIVER}.
 *
 * @param name unique in the engine
 * @param created to the second
 * @param labels null where none were given, which clients can tell from an empty map
 * @param options of the driver; null where none were given
 * @param mountpoint {@code volumes/<name>/_data} below the data root
 */
public record Volume(
        String name,
        Instant created,
        @Nullable Map<String, String> labels,
        @Nullable Map<String, String> options,
        Path mountpoint) {
    /** The one driver that there is. */
    public static final String DRIVER = "local";

    /** The label of a volume that nobody named (Docker's). */
    public static final String ANONYMOUS = "com.docker.volume.anonymous";

    /** Whether nobody named it. */
    public boolean anonymous() {
        return labels != null && labels.containsKey(ANONYMOUS);
    }

    /** Whether it has options, so that what is in it need not be the engine's: it is neither weighed nor pruned. */
    public boolean hasOptions() {
        return options != null && !options.isEmpty();
    }

    /** What is mounted on it while containers use it; empty for a plain directory. */
    MountOptions mount() {
        return new MountOptions(option("type"), option("device"), option("o"));
    }

    private String option(String name) {
        return options == null ? "" : options.getOrDefault(name, "");
    }
}
