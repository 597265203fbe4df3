package dev.capas.container;

import dev.capas.oci.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What dockerd 28.5.2 made of one create request: how inspect showed it, the specification that its runtime was given, and the
 * files it mounted. The first recording is whole; the others were stored as JSON merge patches (RFC 7386) of it;
 * in {@code inspect}, where null is a value, they set it.
 *
 * @param inspect {@code Config} and {@code HostConfig}; null where the creation was refused
 * @param spec without what depends on the machine; null where the start was refused
 */
public record Recording(
        String name,
        JsonNode create,
        @Nullable JsonNode inspect,
        @Nullable JsonNode spec,
        JsonNode files,
        @Nullable JsonNode createRefused,
        @Nullable JsonNode startRefused) {
    /** All of them. */
    public static List<Recording> all() {
        List<Recording> recordings = new ArrayList<>();
        try (InputStream in = Recording.class.getResourceAsStream("spec/dockerd.json")) {
            JsonNode list = Json.MAPPER.readTree(in);
            JsonNode first = list.get(0);
            for (JsonNode one : list) {
                recordings.add(new Recording(
                        one.get("name").asString(),
                        one.get("create"),
                        patched(first, one, "inspect"),
                        patched(first, one, "spec"),
                        one.has("files") ? patched(first, one, "files") : first.get("files"),
                        one.get("create_refused"),
                        one.get("start_refused")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return recordings;
    }

    @Override
    public String toString() {
        return name;
    }

    private static @Nullable JsonNode patched(JsonNode first, JsonNode one, String field) {
        if (one == first || !one.has(field)) {
            return one.get(field);
        }
        return patched(first.get(field).deepCopy(), one.get(field), field.equals("spec"));
    }

    private static JsonNode patched(JsonNode base, JsonNode patch, boolean nullRemoves) {
        if (!(patch instanceof ObjectNode changes) || !(base instanceof ObjectNode object)) {
            return patch;
        }
        changes.properties().forEach(change -> {
            JsonNode old = object.get(change.getKey());
            if (change.getValue().isNull() && nullRemoves) {
                object.remove(change.getKey());
            } else {
                object.set(
                        change.getKey(),
                        old == null ? change.getValue() : patched(old, change.getValue(), nullRemoves));
            }
        });
        return object;
    }
}
