package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * A mount of a container, as it was resolved at its creation.
 *
 * @param type bind, volume or tmpfs
 * @param name of the volume, null for other types
 * @param source the path on the host; empty for a tmpfs
 * @param destination the cleaned absolute path within the container
 * @param driver of the volume, null for other types
 * @param mode the options of the bind, as given
 * @param writable whether the container may write
 * @param propagation {@code rprivate}, {@code rslave}, …; empty where it does not apply
 * @param spec the mount that asked for it, null where it was a bind, a {@code VOLUME} or an entry of {@code Tmpfs}
 * @param anonymous whether it is a volume without a name of the user's, which goes with the container on demand
 */
public record MountPoint(
        String type,
        @JsonInclude(Include.NON_NULL) @Nullable String name,
        String source,
        String destination,
        @JsonInclude(Include.NON_NULL) @Nullable String driver,
        String mode,
        @JsonProperty("RW") boolean writable,
        String propagation,
        @JsonInclude(Include.NON_NULL) @Nullable Mount spec,
        boolean anonymous) {
    /** Whether a path of the host is mounted. */
    public boolean isBind() {
        return type.equals("bind");
    }

    /** Whether memory is mounted. */
    public boolean isTmpfs() {
        return type.equals("tmpfs");
    }

    /** Whether a volume is mounted. */
    public boolean isVolume() {
        return type.equals("volume");
    }
}
