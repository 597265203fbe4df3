package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.capas.container.ContainerConfig;
import dev.capas.home.EngineHome;
import dev.capas.image.DockerConfig;
import dev.capas.image.HistoryStep;
import dev.capas.image.Image;
import dev.capas.image.ImageDeletion;
import dev.capas.image.ImageSummary;
import dev.capas.image.ListedImage;
import dev.capas.image.Removal;
import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Json;
import dev.capas.oci.Reference;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;
import tools.jackson.databind.node.ObjectNode;

/** Images as the answers of the Engine API show them, each version as it had them. */
final class ImageResponses {
    private static final String NOT_KNOWN = "<missing>";
    /** What older clients expect of an image without a name. */
    private static final String NO_NAME = "<none>";

    private static final Instant NO_TIME = Instant.parse("0001-01-01T00:00:00Z");
    private static final List<String> ALWAYS_SHOWN =
            List.of("Cmd", "Entrypoint", "Env", "Labels", "OnBuild", "User", "Volumes", "WorkingDir");

    private ImageResponses() {}

    /**
     * {@code ImageSummary} of the Engine API.
     *
     * @param layers the DiffIDs of its layers, bottom first, where they were asked for
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ImageSummary")
    record ListItem(
            long containers,
            long created,
            String id,
            @Nullable Map<String, String> labels,
            String parentId,
            @Nullable List<String> repoDigests,
            @Nullable List<String> repoTags,
            long sharedSize,
            long size,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long virtualSize,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            List<Digest> layers) {
        ListItem with(@Nullable List<Digest> layers) {
            return new ListItem(
                    containers,
                    created,
                    id,
                    labels,
                    parentId,
                    repoDigests,
                    repoTags,
                    sharedSize,
                    size,
                    virtualSize,
                    layers);
        }
    }

    /** {@code ImageInspect} of the Engine API. */
    @JsonPropertyOrder({
        "Id",
        "RepoTags",
        "RepoDigests",
        "Parent",
        "Comment",
        "Created",
        "Container",
        "ContainerConfig",
        "DockerVersion",
        "Author",
        "Architecture",
        "Variant",
        "Os",
        "OsVersion",
        "Size",
        "VirtualSize",
        "GraphDriver",
        "RootFS",
        "Metadata",
        "Config",
        "Damage"
    })
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ImageInspect")
    record Inspect(
            String id,
            List<String> repoTags,
            List<String> repoDigests,
            String parent,
            String comment,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Instant created,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String container,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            JsonNode containerConfig,

            String dockerVersion,
            String author,
            String architecture,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String variant,

            String os,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String osVersion,

            long size,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long virtualSize,

            GraphDriver graphDriver,
            @JsonProperty("RootFS") RootFs rootFs,
            Metadata metadata,
            @Schema(implementation = ContainerConfig.class) Map<String, @Nullable Object> config,

            @Schema(description = "Not Docker's: what is wrong with its layers")
            @JsonInclude(JsonInclude.Include.NON_EMPTY)
            List<String> damage) {}

    /** Where the trees of an image lie. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "DriverData")
    record GraphDriver(Map<String, String> data, String name) {}

    /** The layers of an image, bottom first. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "RootFS")
    record RootFs(
            String type,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Digest> layers) {}

    /** What the engine knows of an image beyond its configuration. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ImageMetadata")
    record Metadata(Instant lastTagTime) {}

    /** {@code HistoryResponseItem} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "HistoryResponseItem")
    record History(
            String comment,
            long created,
            String createdBy,
            String id,
            long size,
            @Nullable List<String> tags) {}

    /** {@code ImageDeleteResponseItem} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "ImageDeleteResponseItem")
    record Deleted(@Nullable String untagged, @Nullable String deleted) {}

    /** The answer of {@code POST /images/prune}. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ImagePruneResponse")
    record Pruned(@Nullable List<Deleted> imagesDeleted, long spaceReclaimed) {}

    static ListItem listItem(ImageSummary summary, ApiVersion version) {
        return listItem(summary, version, version.before("1.51") ? -1 : summary.containers());
    }

    /** The same where its containers were always counted, which is {@code GET /system/df}. */
    static ListItem usageItem(ImageSummary summary, ApiVersion version) {
        return listItem(summary, version, summary.containers());
    }

    private static ListItem listItem(ImageSummary summary, ApiVersion version, long containers) {
        ListedImage image = summary.image();
        List<String> tags = tags(summary.names());
        List<String> digests = digests(summary.names());
        if (version.before("1.43")) {
            if (tags.isEmpty() && digests.isEmpty()) {
                tags = List.of(NO_NAME + ":" + NO_NAME);
                digests = List.of(NO_NAME + "@" + NO_NAME);
            }
            tags = tags.isEmpty() ? null : tags;
            digests = digests.isEmpty() ? null : digests;
        }
        return new ListItem(
                containers,
                image.createdOrEpoch().getEpochSecond(),
                image.id().toString(),
                image.labels(),
                Objects.toString(image.parent(), ""),
                digests,
                tags,
                summary.sharedSize(),
                image.size(),
                version.before("1.44") ? image.size() : null,
                null);
    }

    static Inspect inspect(
            Image image, List<Reference> names, List<String> damage, EngineHome home, ApiVersion version) {
        ImageConfig config = image.config();
        boolean legacy = version.before("1.45");
        return new Inspect(
                image.id().toString(),
                tags(names),
                digests(names),
                Objects.toString(image.parent(), ""),
                Objects.requireNonNullElse(config.comment(), ""),
                config.created() == null && version.before("1.44") ? NO_TIME : config.created(),
                legacy && config.container() != null && !config.container().isEmpty() ? config.container() : null,
                legacy ? DockerConfig.complete(config.containerConfig()) : null,
                Objects.requireNonNullElse(config.dockerVersion(), ""),
                Objects.requireNonNullElse(config.author(), ""),
                Objects.requireNonNullElse(config.architecture(), ""),
                config.variant(),
                Objects.requireNonNullElse(config.platform().os(), ""),
                config.osVersion(),
                image.size(),
                version.before("1.44") ? image.size() : null,
                graphDriver(image, home),
                new RootFs("layers", image.diffIds()),
                new Metadata(Objects.requireNonNullElse(image.lastTagged(), NO_TIME)),
                config(image, version),
                damage);
    }

    private static GraphDriver graphDriver(Image image, EngineHome home) {
        List<String> trees = new ArrayList<>();
        image.diffIds()
                .reversed()
                .forEach(diffId -> trees.add(home.dataRoot()
                        .resolve("layers/sha256")
                        .resolve(diffId.hex())
                        .resolve("diff")
                        .toString()));
        Map<String, String> data = new TreeMap<>();
        if (!trees.isEmpty()) {
            data.put("UpperDir", trees.getFirst());
        }
        if (trees.size() > 1) {
            data.put("LowerDir", String.join(":", trees.subList(1, trees.size())));
        }
        return new GraphDriver(data, "overlay2");
    }

    /** The fields that say something, and those that this version always had. */
    private static Map<String, @Nullable Object> config(Image image, ApiVersion version) {
        Map<String, @Nullable Object> shown = new TreeMap<>();
        ObjectNode zero = DockerConfig.empty();
        zero.properties().forEach(field -> {
            if (version.before("1.50") || ALWAYS_SHOWN.contains(field.getKey())) {
                shown.put(field.getKey(), field.getValue());
            }
        });
        JsonNode said = Json.MAPPER.valueToTree(image.config().runConfig());
        said.properties().forEach(field -> {
            JsonNode value = field.getValue();
            boolean empty = value.isNull()
                    || value.isContainer() && value.isEmpty()
                    || value.isString() && value.stringValue().isEmpty()
                    || value.isBoolean() && !value.booleanValue();
            if (!empty) {
                shown.put(field.getKey(), value);
            }
        });
        return shown;
    }

    static History history(HistoryStep step) {
        Instant created = step.created();
        return new History(
                step.comment(),
                created == null ? 0 : created.getEpochSecond(),
                step.createdBy(),
                Objects.toString(step.image(), NOT_KNOWN),
                step.size(),
                step.tags().isEmpty() ? null : step.tags());
    }

    static List<Deleted> deleted(ImageDeletion.Outcome outcome) {
        return outcome.steps().stream()
                .map(step -> switch (step) {
                    case Removal.Untagged(Reference name) -> new Deleted(name.familiar(), null);
                    case Removal.Deleted(Digest id) -> new Deleted(null, id.toString());
                })
                .toList();
    }

    static Pruned pruned(ImageDeletion.Outcome outcome) {
        List<Deleted> deleted = deleted(outcome);
        return new Pruned(deleted.isEmpty() ? null : deleted, outcome.reclaimed());
    }

    private static List<String> tags(Collection<Reference> names) {
        return names.stream()
                .filter(name -> name.tag() != null)
                .map(Reference::familiar)
                .collect(Collectors.toList());
    }

    private static List<String> digests(Collection<Reference> names) {
        return names.stream()
                .filter(name -> name.digest() != null)
                .map(Reference::familiar)
                .collect(Collectors.toList());
    }
}
