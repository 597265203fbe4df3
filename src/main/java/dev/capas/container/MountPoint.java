package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.oci.Digest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A mount that a container has (Engine API v1.51, {@code MountPoint}), whichever way it was asked for. All of
 * it is kept with the container; clients are shown {@link #shown()}.
 *
 * @param type {@code bind}, {@code volume}, {@code tmpfs} or {@code image}
 * @param name of a volume or an image, else null
 * @param source a path of the host; empty for a tmpfs, and for a volume or image that has no place yet
 * @param destination a clean absolute path in the container
 * @param driver of a volume, else null
 * @param mode the options of {@code -v} as they were given
 * @param propagation of a bind mount
 * @param bindOptions of a bind mount
 * @param tmpfsOptions of a tmpfs, null for the defaults
 * @param volumeOptions of a volume, null for the defaults
 * @param imageOptions of an image, null for the defaults
 * @param layers of an image, bottom first; null for what is none
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

        @JsonInclude(JsonInclude.Include.NON_NULL) Mount.@Nullable ImageOptions imageOptions,

        @Nullable @JsonInclude(JsonInclude.Include.NON_NULL) List<Digest> layers,

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

    /** A volume that nobody names, of a driver. */
    static MountPoint anonymousVolume(String destination, String driver) {
        return new MountPoint(
                "volume",
                null,
                "",
                destination,
                driver,
                "",
                true,
                "",
                Mount.BindOptions.DEFAULT,
                null,
                null,
                null,
                null,
                false,
                true);
    }

    /** The same from another container ({@code --volumes-from}), which copies nothing into volumes. */
    MountPoint inherited(boolean readOnly) {
        Mount.VolumeOptions options = isVolume()
                ? new Mount.VolumeOptions(true, null, volumeOptions == null ? null : volumeOptions.subpath(), null)
                : null;
        return copy(name, source, driver, "", rw && !readOnly, options, layers);
    }

    /** The same of another path of the host. */
    public MountPoint from(String path) {
        return copy(name, path, driver, mode, rw, volumeOptions, layers);
    }

    /** A volume that has its place. */
    MountPoint placed(String volume, String directory, String itsDriver) {
        return copy(volume, directory, itsDriver, mode, rw, volumeOptions, layers);
    }

    /** An image that has its place. */
    MountPoint placed(String directory, List<Digest> itsLayers) {
        return copy(name, directory, driver, mode, rw, volumeOptions, itsLayers);
    }

    private MountPoint copy(
            @Nullable String copyName,
            String copySource,
            @Nullable String copyDriver,
            String copyMode,
            boolean copyRw,
            Mount.@Nullable VolumeOptions copyVolumeOptions,
            @Nullable List<Digest> copyLayers) {
        return new MountPoint(
                type,
                copyName,
                copySource,
                destination,
                copyDriver,
                copyMode,
                copyRw,
                propagation,
                bindOptions,
                tmpfsOptions,
                copyVolumeOptions,
                imageOptions,
                copyLayers,
                createSource,
                anonymous);
    }

    /** Where in the volume or image it begins, empty for its root. */
    public String subpath() {
        String subpath =
                volumeOptions != null ? volumeOptions.subpath() : imageOptions != null ? imageOptions.subpath() : null;
        return Objects.requireNonNullElse(subpath, "");
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

    /** Whether it is an image. */
    public boolean isImage() {
        return type.equals("image");
    }
}
