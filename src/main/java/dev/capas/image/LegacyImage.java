package dev.capas.image;

import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The images of Docker before 1.10, one for each layer, whose descriptions {@code docker save} still writes (Docker image
 * specification v1.0). Nothing reads them any more; they are there so that an archive is the one that dockerd writes.
 */
final class LegacyImage {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private LegacyImage() {}

    /** The description of each layer's image, bottom first. */
    static List<byte[]> descriptions(Image image, byte[] json) {
        JsonNode full = Json.MAPPER.readTree(json);
        List<byte[]> all = new ArrayList<>();
        Digest chain = null;
        String parent = null;
        List<Digest> stack = image.diffIds();
        for (int i = 0; i < stack.size(); i++) {
            chain = chain == null ? stack.get(i) : chain.chain(stack.get(i));
            ObjectNode description = i == stack.size() - 1 ? top(full) : intermediate();
            String id = id(description, chain, parent);
            ObjectNode named = Json.MAPPER.createObjectNode().put("id", id);
            if (parent != null) {
                named.put("parent", parent);
            }
            named.setAll(description);
            named.put("os", image.config().platform().os());
            all.add(bytes(named));
            parent = id;
        }
        return all;
    }

    private static ObjectNode intermediate() {
        ObjectNode description = Json.MAPPER.createObjectNode();
        description.put("created", Json.time(Instant.EPOCH));
        description.set("container_config", DockerConfig.empty());
        return description;
    }

    private static ObjectNode top(JsonNode full) {
        ObjectNode description = Json.MAPPER.createObjectNode();
        copy(full, description, "comment");
        description.set("created", full.has("created") ? full.get("created") : NODES.nullNode());
        copy(full, description, "container");
        description.set("container_config", DockerConfig.complete(full.get("container_config")));
        copy(full, description, "docker_version");
        copy(full, description, "author");
        JsonNode config = full.get("config");
        if (config != null && !config.isNull()) {
            description.set("config", DockerConfig.complete(config));
        }
        copy(full, description, "architecture");
        copy(full, description, "variant");
        copy(full, description, "os");
        return description;
    }

    private static void copy(JsonNode from, ObjectNode to, String field) {
        JsonNode value = from.get(field);
        if (value != null && value.isString() && !value.stringValue().isEmpty()) {
            to.set(field, value);
        }
    }

    private static String id(ObjectNode description, Digest chain, @Nullable String parent) {
        Map<String, JsonNode> sorted = new TreeMap<>();
        description.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
        sorted.put("layer_id", NODES.stringNode(chain.toString()));
        if (parent != null) {
            sorted.put("parent", NODES.stringNode("sha256:" + parent));
        }
        ObjectNode keyed = Json.MAPPER.createObjectNode();
        keyed.setAll(sorted);
        return Digest.ofContent(bytes(keyed)).hex();
    }

    /** As Go writes JSON: what could be taken for HTML is escaped. */
    private static byte[] bytes(ObjectNode node) {
        return Json.MAPPER
                .writeValueAsString(node)
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .getBytes(StandardCharsets.UTF_8);
    }
}
