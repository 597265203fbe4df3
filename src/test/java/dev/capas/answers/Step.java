package dev.capas.answers;

import dev.capas.e2e.ImageTar;
import dev.capas.e2e.Rootfs;
import dev.capas.oci.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * One request of a scenario.
 *
 * @param name unique in its scenario
 * @param target as it goes on the wire; {@code $NAME} stands for what an earlier step kept
 * @param headers lines beside Host and the length
 * @param body as it goes on the wire; in a text {@code $NAME} is replaced too
 * @param keep fields of the answer for later steps, by the name that they get
 * @param shape whether only the types of the answer count, because its values are those of one machine
 * @param own whether lists are cut down to what the scenarios made
 */
record Step(
        String name,
        String method,
        String target,
        Map<String, String> headers,
        byte[] body,
        Map<String, String> keep,
        boolean shape,
        boolean own) {
    private static final Set<String> FIELDS =
            Set.of("name", "request", "headers", "json", "text", "tar", "image", "keep", "shape", "own");

    /** The image that the scenarios use, a busybox; loaded by a step that says {@code image: true}. */
    private static final byte[] IMAGE = image();

    /** Reads a step as YAML gives it. */
    @SuppressWarnings("unchecked")
    static Step of(Map<String, Object> yaml) {
        Set<String> unknown = new TreeSet<>(yaml.keySet());
        unknown.removeAll(FIELDS);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(yaml + ": " + unknown);
        }
        String request = (String) yaml.get("request");
        int space = request.indexOf(' ');
        Map<String, String> headers = new LinkedHashMap<>();
        byte[] body = {};
        if (yaml.containsKey("json")) {
            headers.put("Content-Type", "application/json");
            body = Json.MAPPER.writeValueAsBytes(yaml.get("json"));
        } else if (yaml.containsKey("text")) {
            body = yaml.get("text").toString().getBytes(StandardCharsets.UTF_8);
        } else if (yaml.containsKey("tar")) {
            headers.put("Content-Type", "application/x-tar");
            body = tar((Map<String, String>) yaml.get("tar"));
        } else if (yaml.containsKey("image")) {
            headers.put("Content-Type", "application/x-tar");
            body = IMAGE;
        }
        headers.putAll((Map<String, String>) yaml.getOrDefault("headers", Map.of()));
        return new Step(
                (String) yaml.getOrDefault("name", request),
                request.substring(0, space),
                encoded(request.substring(space + 1)),
                headers,
                body,
                (Map<String, String>) yaml.getOrDefault("keep", Map.of()),
                Boolean.TRUE.equals(yaml.get("shape")),
                Boolean.TRUE.equals(yaml.get("own")));
    }

    /** The path as the API's definitions have it: without version and parameters. */
    String path() {
        return target.replaceFirst("\\?.*", "").replaceFirst("^/v[0-9.]+/", "/");
    }

    private static byte[] tar(Map<String, String> files) {
        Map<String, byte[]> content = new LinkedHashMap<>();
        files.forEach((file, text) -> content.put(file, text.getBytes(StandardCharsets.UTF_8)));
        return ImageTar.tar(content);
    }

    private static byte[] image() {
        try {
            return ImageTar.tar(ImageTar.files("api-image:1", Rootfs.busybox()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Encodes what no request line may hold, so that scenarios can be read. */
    private static String encoded(String target) {
        StringBuilder encoded = new StringBuilder();
        for (String letter : target.split("")) {
            encoded.append(
                    " \"{}[]<>|^`\\".contains(letter) || letter.charAt(0) > '~'
                            ? URLEncoder.encode(letter, StandardCharsets.UTF_8).replace("+", "%20")
                            : letter);
        }
        return encoded.toString();
    }

    /** This step with the kept values in their places. */
    Step with(Map<String, String> kept) {
        String there = target;
        String text = List.of("application/json", "").contains(headers.getOrDefault("Content-Type", ""))
                ? new String(body, StandardCharsets.UTF_8)
                : null;
        for (Map.Entry<String, String> value : kept.entrySet()) {
            there = there.replace("$" + value.getKey(), value.getValue());
            text = text == null ? null : text.replace("$" + value.getKey(), value.getValue());
        }
        byte[] bytes = text == null ? body : text.getBytes(StandardCharsets.UTF_8);
        return new Step(name, method, there, headers, bytes, keep, shape, own);
    }
}
