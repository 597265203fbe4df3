package dev.capas.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An image configuration (OCI image specification, "Image Configuration", with the fields that Docker adds). It is a view: an
 * image's ID is the digest of the bytes it was read from, which are kept beside it.
 *
 * @param created when the image was made
 * @param author who made it
 * @param architecture as Go names it
 * @param variant of the CPU
 * @param os as Go names it
 * @param osVersion for Windows alone
 * @param config what containers start from
 * @param rootfs the layers
 * @param history one entry for each step that made the image, also for those that made no layer
 * @param comment of the one who made it
 * @param container the ID of the container it was committed from
 * @param containerConfig the configuration of that container as it was, uninterpreted
 * @param dockerVersion of the engine that made it
 */
public record ImageConfig(
        @Nullable Instant created,
        @Nullable String author,
        @Nullable String architecture,
        @Nullable String variant,
        @Nullable String os,
        @JsonProperty("os.version") @Nullable String osVersion,
        @Nullable RunConfig config,
        @Nullable RootFs rootfs,
        @Nullable List<History> history,
        @Nullable String comment,
        @Nullable String container,
        @JsonProperty("container_config") @Nullable JsonNode containerConfig,
        @JsonProperty("docker_version") @Nullable String dockerVersion) {
    /**
     * The layers of an image.
     *
     * @param type {@code layers}
     * @param diffIds bottom first
     */
    public record RootFs(
            @Nullable String type,
            @JsonProperty("diff_ids") @Nullable List<Digest> diffIds) {}

    /**
     * A step that made the image.
     *
     * @param created when
     * @param createdBy the command
     * @param author who
     * @param comment of the one who did it
     * @param emptyLayer whether it made no layer
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record History(
            @Nullable Instant created,
            @JsonProperty("created_by") @Nullable String createdBy,
            @Nullable String author,
            @Nullable String comment,
            @JsonProperty("empty_layer") @Nullable Boolean emptyLayer) {
        /** Whether the step made a layer. */
        public boolean hasLayer() {
            return !Boolean.TRUE.equals(emptyLayer);
        }
    }

    /** What containers start from; {@link RunConfig#EMPTY} where the configuration does not say. */
    public RunConfig runConfig() {
        return config == null ? RunConfig.EMPTY : config;
    }

    /** The DiffIDs of the layers, bottom first; empty where there are none. */
    public List<Digest> diffIds() {
        return rootfs == null || rootfs.diffIds() == null ? List.of() : rootfs.diffIds();
    }

    /** The platform that the image says it is for. */
    public Platform platform() {
        return new Platform(architecture, os == null || os.isEmpty() ? "linux" : os, osVersion, null, variant);
    }
}
