package dev.capas.answers;

import dev.capas.e2e.RawClient;
import dev.capas.oci.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Sends the requests of a scenario to an engine, and gives each answer as JSON: status, headers that clients read, body. */
final class Answers {
    private static final int LONGEST_SECONDS = 60;
    private static final String STAT = "x-docker-container-path-stat";
    private static final List<String> HEADERS =
            List.of("content-type", "docker-experimental", "ostype", "builder-version", "swarm", "location", "upgrade");

    private Answers() {}

    /** All answers by the names of their steps. */
    static Map<String, ObjectNode> collect(Path socket, Scenario scenario) throws Exception {
        Map<String, String> kept = new LinkedHashMap<>();
        Map<String, ObjectNode> answers = new LinkedHashMap<>();
        for (Step step : scenario.steps()) {
            ObjectNode answer = answer(socket, step.with(kept));
            step.keep()
                    .forEach((name, field) ->
                            kept.put(name, answer.path("body").path(field).asString("absent")));
            answers.put(step.name(), answer);
        }
        return answers;
    }

    static ObjectNode answer(Path socket, Step step) throws Exception {
        try (RawClient client = new RawClient(socket);
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var answer = executor.submit(() -> send(client, step));
            try {
                return describe(answer.get(LONGEST_SECONDS, TimeUnit.SECONDS));
            } catch (TimeoutException e) {
                client.close();
                return JsonNodeFactory.instance.objectNode().put("status", "none in " + LONGEST_SECONDS + " s");
            } catch (ExecutionException e) {
                return JsonNodeFactory.instance.objectNode().put("status", "the connection broke");
            }
        }
    }

    private static RawClient.Answer send(RawClient client, Step step) throws IOException {
        StringBuilder head = new StringBuilder(step.method() + " " + step.target() + " HTTP/1.1\r\nHost: docker\r\n");
        step.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        if (!step.headers().containsKey("Content-Length")
                && (step.body().length > 0 || !step.method().equals("GET"))) {
            head.append("Content-Length: " + step.body().length + "\r\n");
        }
        client.write(head + "\r\n");
        try {
            client.write(step.body());
        } catch (IOException e) {
            // answered before all of it was read
        }
        if (step.headers().containsKey("Upgrade")) {
            client.endOutput();
        }
        return client.answer(step.method().equals("HEAD"));
    }

    private static ObjectNode describe(RawClient.Answer answer) {
        ObjectNode described = JsonNodeFactory.instance.objectNode();
        described.put("status", answer.status());
        ObjectNode headers = described.putObject("headers");
        for (String name : HEADERS) {
            if (answer.headers().containsKey(name)) {
                headers.put(name, answer.headers().get(name));
            }
        }
        if (answer.headers().containsKey(STAT)) {
            headers.set(
                    STAT,
                    Json.MAPPER.readTree(
                            Base64.getDecoder().decode(answer.headers().get(STAT))));
        }
        if (answer.content().length > 0) {
            described.set("body", body(answer));
        }
        return described;
    }

    private static JsonNode body(RawClient.Answer answer) {
        String type = answer.headers().getOrDefault("content-type", "").replaceFirst(";.*", "");
        byte[] content = answer.content();
        if (type.equals("application/json")) {
            return json(content);
        } else if (type.startsWith("application/vnd.docker") && frames(content) instanceof JsonNode frames) {
            return frames;
        } else if (type.equals("application/x-tar") || type.equals("application/octet-stream")) {
            return tar(content);
        }
        return JsonNodeFactory.instance.stringNode(answer.body());
    }

    /** One document, or the documents of a stream as an array. */
    private static JsonNode json(byte[] content) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        try (JsonParser parser = Json.MAPPER.createParser(content)) {
            while (parser.nextToken() != null) {
                all.add(Json.MAPPER.<JsonNode>readValue(parser, JsonNode.class));
            }
            return all.size() == 1 ? all.get(0) : all;
        } catch (JacksonException e) {
            return JsonNodeFactory.instance.stringNode("no JSON: " + new String(content, StandardCharsets.UTF_8));
        }
    }

    /** What came on each stream, its frames joined; null where these are no frames. */
    private static @Nullable JsonNode frames(byte[] content) {
        ObjectNode streams = JsonNodeFactory.instance.objectNode();
        int at = 0;
        while (at + 8 <= content.length) {
            int stream = content[at];
            int length = ByteBuffer.wrap(content, at + 4, 4).getInt();
            if (stream < 0 || stream > 2 || length < 0 || at + 8 + length > content.length) {
                return null;
            }
            String name = List.of("stdin", "stdout", "stderr").get(stream);
            String text = new String(content, at + 8, length, StandardCharsets.UTF_8);
            streams.put(name, streams.path(name).asString("") + text);
            at += 8 + length;
        }
        return at == content.length ? streams : null;
    }

    private static JsonNode tar(byte[] content) {
        ArrayNode entries = JsonNodeFactory.instance.arrayNode();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(content))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.add(String.format(
                        "%s %c %o %d:%d %s",
                        entry.getName(),
                        entry.getLinkFlag(),
                        entry.getMode() & 07777,
                        entry.getLongUserId(),
                        entry.getLongGroupId(),
                        entry.getLinkName()));
            }
        } catch (IOException e) {
            entries.add("broken");
        }
        return entries;
    }
}
