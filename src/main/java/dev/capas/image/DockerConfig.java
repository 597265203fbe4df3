package dev.capas.image;

import dev.capas.oci.Json;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The container configuration in image configurations as Docker writes it: every field in its place, with its zero value where
 * nothing is said, and a few only where something is ({@code Config} of the Engine API).
 */
public final class DockerConfig {
    private static final String[] FIELDS = {
        "Hostname", "Domainname", "User", "AttachStdin", "AttachStdout", "AttachStderr", "ExposedPorts", "Tty",
                "OpenStdin",
        "StdinOnce", "Env", "Cmd", "Healthcheck", "ArgsEscaped", "Image", "Volumes", "WorkingDir", "Entrypoint",
        "NetworkDisabled", "MacAddress", "OnBuild", "Labels", "StopSignal", "StopTimeout", "Shell"
    };
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Map<String, JsonNode> ZERO = Map.ofEntries(
            Map.entry("Hostname", NODES.stringNode("")),
            Map.entry("Domainname", NODES.stringNode("")),
            Map.entry("User", NODES.stringNode("")),
            Map.entry("AttachStdin", NODES.booleanNode(false)),
            Map.entry("AttachStdout", NODES.booleanNode(false)),
            Map.entry("AttachStderr", NODES.booleanNode(false)),
            Map.entry("Tty", NODES.booleanNode(false)),
            Map.entry("OpenStdin", NODES.booleanNode(false)),
            Map.entry("StdinOnce", NODES.booleanNode(false)),
            Map.entry("Env", NODES.nullNode()),
            Map.entry("Cmd", NODES.nullNode()),
            Map.entry("Image", NODES.stringNode("")),
            Map.entry("Volumes", NODES.nullNode()),
            Map.entry("WorkingDir", NODES.stringNode("")),
            Map.entry("Entrypoint", NODES.nullNode()),
            Map.entry("OnBuild", NODES.nullNode()),
            Map.entry("Labels", NODES.nullNode()));

    private DockerConfig() {}

    /** A configuration that says nothing. */
    public static ObjectNode empty() {
        return complete(null);
    }

    /** The configuration in Docker's form, whichever fields it has; null is as good as one that says nothing. */
    public static ObjectNode complete(@Nullable JsonNode config) {
        Map<String, JsonNode> said = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        if (config != null) {
            config.properties().forEach(field -> said.put(field.getKey(), field.getValue()));
        }
        ObjectNode complete = Json.MAPPER.createObjectNode();
        for (String field : FIELDS) {
            JsonNode value = said.get(field);
            JsonNode zero = ZERO.get(field);
            if (value != null && !value.isNull() && (zero != null || !isEmpty(value))) {
                complete.set(field, sorted(value));
            } else if (zero != null) {
                complete.set(field, zero);
            }
        }
        return complete;
    }

    /** Go writes the keys of a map in their order. */
    private static JsonNode sorted(JsonNode value) {
        if (!value.isObject()) {
            return value;
        }
        Map<String, JsonNode> fields = new TreeMap<>();
        value.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        return Json.MAPPER.createObjectNode().setAll(fields);
    }

    private static boolean isEmpty(JsonNode value) {
        return value.isContainer() && value.isEmpty()
                || value.isString() && value.stringValue().isEmpty()
                || value.isBoolean() && !value.booleanValue();
    }
}
