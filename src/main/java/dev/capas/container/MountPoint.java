package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A mount that a container has (Engine API v1.51, {@code MountPoint}), whichever way it was asked for. All of
 * it is kept with the container; clients are shown {@link #shown()}.
 *
 * @param type {@code bind}, {@code volume} or {@code tmpfs}
 * @param name of a volume, else null
 * @param source a path of the host; empty for a tmpfs, and for a volume that has no place yet
 * @param destination a clean absolute path in the container
 * @param driver of a volume, else null
 * @param mode the options of {@code -v} as they were given
 * @param propagation of a bind mount
 * @param bindOptions of a bind mount
 * @param tmpfsOptions of a tmpfs, null for the defaults
 * @param volumeOptions of a volume, null for the defaults
 * @param createSource whether a missing source of a bind mount becomes an empty directory
 * @param anonymous whether it is a volume that nobody named, which goes with its container
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record MountPoint(
        String type,
        @Nullable @JsonInclude(JsonInclude.Include.NON_NULL) String name,
        String source,
        String destination,
        @Nullable @JsonInclude(JsonInclude.Include.NON_NULL) String driver,
        String mode,
        @JsonProperty("RW") boolean rw,
        String propagation,
        Mount.BindOptions bindOptions,
        Mount.@Nullable TmpfsOptions tmpfsOptions,
        Mount.@Nullable VolumeOptions volumeOptions,
        boolean createSource,
        boolean anonymous) {
    /** What clients see of a mount. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Shown(
            String type,

            @Nullable @JsonInclude(JsonInclude.Include.NON_NULL)
            String name,

            String source,
            String destination,

            @Nullable @JsonInclude(JsonInclude.Include.NON_NULL)
            String driver,

            String mode,
            @JsonProperty("RW") boolean rw,
            String propagation) {}

    /** As clients see it. */
    public Shown shown() {
        return new Shown(type, name, source, destination, driver, mode, rw, propagation);
    }

    /** A volume that nobody names. */
    static MountPoint anonymousVolume(String destination) {
        return new MountPoint(
                "volume",
                null,
                "",
                destination,
                "local",
                "",
                true,
                "",
                Mount.BindOptions.DEFAULT,
                null,
                null,
                false,
                true);
    }

    /** The same, without leave to write. */
    MountPoint readOnly() {
        return new MountPoint(
                type,
                name,
                source,
                destination,
                driver,
                mode,
                false,
                propagation,
                bindOptions,
                tmpfsOptions,
                volumeOptions,
                createSource,
                anonymous);
    }

    /** The same of another path of the host. */
    public MountPoint from(String path) {
        return new MountPoint(
                type,
                name,
                path,
                destination,
                driver,
                mode,
                rw,
                propagation,
                bindOptions,
                tmpfsOptions,
                volumeOptions,
                createSource,
                anonymous);
    }

    /** Where in the volume it begins, empty for its root. */
    public String subpath() {
        return volumeOptions == null || volumeOptions.subpath() == null ? "" : volumeOptions.subpath();
    }

    /** Whether it is a volume that takes what the image has in its place, if it is new. */
    public boolean takesContent() {
        return isVolume()
                && (volumeOptions == null || !volumeOptions.noCopy())
                && subpath().isEmpty();
    }

    /** Whether it is a volume. */
    public boolean isVolume() {
        return type.equals("volume");
    }

    /** A volume that has its place: its name, where nobody gave it one, and its directory. */
    MountPoint placed(String volume, String directory) {
        return new MountPoint(
                type,
                volume,
                directory,
                destination,
                driver,
                mode,
                rw,
                propagation,
                bindOptions,
                tmpfsOptions,
                volumeOptions,
                createSource,
                name == null || name.isEmpty());
    }
}
