package dev.capas.e2e;

import dev.capas.oci.Json;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/** The Engine API of one daemon, a connection for each request. */
record Api(Path socket) {
    /** An answer; the body is a missing node where there is none. */
    record Answer(int status, JsonNode body) {
        /** The body of an answer that must be no error. */
        JsonNode ok() {
            if (status >= 400) {
                throw new AssertionError(status + " " + body);
            }
            return body;
        }

        String message() {
            return body.path("message").asString("");
        }
    }

    Answer get(String target) {
        return send("GET", target, "", new byte[0]);
    }

    Answer post(String target) {
        return send("POST", target, "", new byte[0]);
    }

    Answer post(String target, String json) {
        return send("POST", target, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    Answer post(String target, byte[] tar) {
        return send("POST", target, "application/x-tar", tar);
    }

    Answer put(String target, byte[] tar) {
        return send("PUT", target, "application/x-tar", tar);
    }

    Answer delete(String target) {
        return send("DELETE", target, "", new byte[0]);
    }

    private Answer send(String method, String target, String type, byte[] body) {
        try (RawClient client = new RawClient(socket)) {
            String typed = type.isEmpty() ? "" : "Content-Type: " + type + "\r\n";
            client.write(method + " " + target + " HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n" + typed
                    + "Content-Length: " + body.length + "\r\n\r\n");
            client.write(body);
            RawClient.Answer answer = client.answer(false);
            return new Answer(answer.status(), parse(answer.body()));
        } catch (IOException e) {
            throw new AssertionError(method + " " + target, e);
        }
    }

    /** Of a stream its last message. */
    private static JsonNode parse(String text) {
        String[] lines = text.strip().split("\n");
        String last = lines[lines.length - 1];
        return last.startsWith("{") || last.startsWith("[") ? Json.MAPPER.readTree(last) : Json.MAPPER.missingNode();
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
