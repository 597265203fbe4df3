package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A mount that a container is asked to have, {@code docker run --mount} (Engine API v1.51, {@code Mount}). A string that was
 * not given is empty.
 *
 * @param type {@code bind}, {@code volume}, {@code tmpfs}, …
 * @param source a path of the host or the name of a volume
 * @param target a path in the container
 * @param consistency meant for other systems than Linux, and without effect
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Mount(
        String type,
        String source,
        String target,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean readOnly,
        String consistency,
        @Nullable BindOptions bindOptions,
        @Nullable VolumeOptions volumeOptions,
        @Nullable ImageOptions imageOptions,
        @Nullable TmpfsOptions tmpfsOptions) {
    /** A string that was not given is empty. */
    public Mount {
        type = Objects.requireNonNullElse(type, "");
        source = Objects.requireNonNullElse(source, "");
        target = Objects.requireNonNullElse(target, "");
        consistency = Objects.requireNonNullElse(consistency, "");
    }

    /**
     * Of a bind mount.
     *
     * @param propagation {@code rprivate}, {@code rslave}, …; empty for the default
     * @param nonRecursive whether mounts below the source stay away
     * @param createMountpoint whether a missing source is made
     * @param readOnlyNonRecursive whether mounts below stay writable in a read-only one
     * @param readOnlyForceRecursive whether it fails where the mounts below cannot be made read-only
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    public record BindOptions(
            @JsonInclude(JsonInclude.Include.NON_EMPTY) String propagation,
            boolean nonRecursive,
            boolean createMountpoint,
            boolean readOnlyNonRecursive,
            boolean readOnlyForceRecursive) {
        /** None of them. */
        public static final BindOptions DEFAULT = new BindOptions("", false, false, false, false);

        /** A string that was not given is empty. */
        public BindOptions {
            propagation = Objects.requireNonNullElse(propagation, "");
        }
    }

    /**
     * Of a volume.
     *
     * @param noCopy whether what the image has at the target is not copied into the new volume
     * @param subpath below the volume's root
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record VolumeOptions(
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean noCopy,
            @Nullable Map<String, String> labels,
            @Nullable String subpath,
            @Nullable Driver driverConfig) {}

    /** The driver of a volume and its options. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Driver(@Nullable String name, @Nullable Map<String, String> options) {}

    /** Of a mounted image: the directory in it that is seen. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record ImageOptions(@Nullable String subpath) {}

    /**
     * Of a tmpfs.
     *
     * @param sizeBytes 0 for no limit
     * @param mode permission bits, 0 for 1777
     * @param options each of one (a flag) or two elements (key, value)
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    public record TmpfsOptions(
            long sizeBytes, int mode, @Nullable List<List<String>> options) {}
}
