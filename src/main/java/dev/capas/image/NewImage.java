package dev.capas.image;

import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Json;
import dev.capas.oci.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an import, a commit or a step of a build makes an image of.
 *
 * @param parent what it is laid on, null where it starts from nothing
 * @param layer the new layer, which is held by a lease, or null where the step made none
 * @param config what containers start from, in Docker's form
 * @param containerConfig the configuration of the container that was committed, in Docker's form
 * @param container the ID of that container, empty for an import
 * @param createdBy the command, empty for an import
 */
public record NewImage(
        @Nullable Image parent,
        @Nullable Digest layer,
        JsonNode config,
        JsonNode containerConfig,
        String container,
        String createdBy,
        String author,
        String comment,
        Instant created,
        Platform platform) {
    /** The DiffID of an archive without entries, which Docker takes for no layer at all. */
    private static final Digest NOTHING = Digest.ofContent(new byte[1024]);

    /** The image configuration, its fields in the order of their names. */
    byte[] json() {
        boolean hasLayer = layer != null && (parent == null || !layer.equals(NOTHING));
        List<Digest> diffIds = new ArrayList<>(parent == null ? List.of() : parent.diffIds());
        if (hasLayer) {
            diffIds.add(Objects.requireNonNull(layer));
        }
        List<ImageConfig.History> history = new ArrayList<>(
                parent == null || parent.config().history() == null
                        ? List.of()
                        : parent.config().history());
        history.add(new ImageConfig.History(
                created, orNull(createdBy), orNull(author), orNull(comment), hasLayer ? null : true));

        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("architecture", platform.architecture());
        putUnlessEmpty(json, "author", author);
        putUnlessEmpty(json, "comment", comment);
        json.set("config", DockerConfig.complete(config));
        putUnlessEmpty(json, "container", container);
        json.set("container_config", DockerConfig.complete(containerConfig));
        json.putPOJO("created", created);
        json.set("history", Json.MAPPER.valueToTree(history));
        json.put("os", platform.os());
        json.set("rootfs", Json.MAPPER.valueToTree(new ImageConfig.RootFs("layers", diffIds)));
        putUnlessEmpty(json, "variant", Objects.requireNonNullElse(platform.variant(), ""));
        return Json.MAPPER.writeValueAsBytes(json);
    }

    private static void putUnlessEmpty(ObjectNode json, String field, String value) {
        if (!value.isEmpty()) {
            json.put(field, value);
        }
    }

    private static @Nullable String orNull(String value) {
        return value.isEmpty() ? null : value;
    }
}
