package dev.capas.answers;

import dev.capas.oci.Json;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests that are wrong in one place each, made of the API's document: every field of every body with values of every type,
 * every parameter with values that are none of its own, every route with a broken body.
 */
final class BadInput {
    /** What a field may be given, in JSON. */
    private static final List<String> VALUES =
            List.of("\"x\"", "7", "-1", "1.5", "true", "[]", "{}", "null", "[7]", "[{}]", "99999999999999999999");

    /** What a parameter may be given, encoded. */
    private static final List<String> TEXTS = List.of(
            "",
            "x",
            "-1",
            "1.5",
            "99999999999999999999",
            "null",
            "%7B",
            "%5B%5D",
            "%7B%22x%22:%5B%22y%22%5D%7D",
            "%00",
            "%C3%A4",
            "..%2F..");

    private static final List<String> BODIES =
            List.of("", "{", "{nonsense", "[]", "7", "\"x\"", "{} {}", "\u0001", "{\"a\":".repeat(300));

    /** Those that answer without end, that reach out to registries, or that would remove what others made. */
    private static final Set<String> LEFT_OUT = Set.of(
            "/events",
            "/containers/{id}/attach",
            "/containers/{id}/attach/ws",
            "/containers/{id}/stats",
            "/containers/{name}/wait",
            "/containers/prune",
            "/images/prune",
            "/build/prune",
            "/networks/prune",
            "/volumes/prune",
            "/images/create",
            "/images/{name}/push",
            "/distribution/{name}/json",
            "/exec/{id}/start",
            "/auth");

    /** What makes the rest of a request right, so that the wrong place is what counts. */
    private static final Map<String, String> RIGHT = Map.of(
            "/containers/create",
                    "{\"Image\":\"api-image:1\",\"Cmd\":[\"true\"],\"Labels\":{\"api\":\"bad\"},\"HostConfig\":{\"NetworkMode\":\"none\"}}",
            "/containers/{id}/exec", "{\"Cmd\":[\"true\"]}");

    private static final Pattern OWN = Pattern.compile(
            "/(layers|metrics|files|compare|budget|system/space|system/reclaim)\\b|/images/json\\?(limit|layers)=|/system/df\\?(limit|measure)=|[?&]dry-run=");

    private static final Path RECORDED = Path.of("src/test/resources/answers/bad-input.txt");
    private static final String USUAL = "400";
    private static final int SIDE_BY_SIDE = 4;

    private final JsonNode document;
    private final Map<String, Step> steps = new LinkedHashMap<>();

    private BadInput(JsonNode document) {
        this.document = document;
    }

    /** Whether dockerd has no such route or parameter, so that there is nothing to compare with. */
    static boolean isOwn(Step step) {
        return OWN.matcher(step.name()).find();
    }

    /** All of them; a container api-bad runs meanwhile. */
    static List<Step> steps() throws IOException {
        try (Reader reader = Files.newBufferedReader(Path.of("api-spec/openapi.yaml"))) {
            BadInput bad = new BadInput(Json.MAPPER.valueToTree(new Yaml().load(reader)));
            bad.document.path("paths").properties().forEach(path -> {
                if (!LEFT_OUT.contains(path.getKey())) {
                    path.getValue()
                            .properties()
                            .forEach(operation -> bad.add(
                                    operation.getKey().toUpperCase(Locale.ROOT), path.getKey(), operation.getValue()));
                }
            });
            return List.copyOf(bad.steps.values());
        }
    }

    private void add(String method, String path, JsonNode operation) {
        String target = "/v1.51"
                + path.replace("{name}", path.startsWith("/images") ? "api-none" : "api-bad")
                        .replace("{id}", path.startsWith("/exec") ? "api-none" : "api-bad");
        boolean removes = method.equals("DELETE");
        for (JsonNode parameter : operation.path("parameters")) {
            if (parameter.path("in").asString().equals("query")
                    && !removes
                    && !path.endsWith("/kill")
                    && !path.endsWith("/rename")) {
                for (String text : TEXTS) {
                    String right = path.equals("/commit")
                                    && !parameter.path("name").asString().equals("container")
                            ? "container=api-none&"
                            : "";
                    put(method, target + "?" + right + parameter.path("name").asString() + "=" + text, path, null);
                }
            }
        }
        JsonNode schema = resolve(operation
                .path("requestBody")
                .path("content")
                .path("application/json")
                .path("schema"));
        if (!schema.isMissingNode()) {
            for (String body : BODIES) {
                put(method, target, path, body);
            }
            fields(method, target, path, schema, List.of());
        }
    }

    private void fields(String method, String target, String path, JsonNode schema, List<String> above) {
        schema.path("properties").properties().forEach(property -> {
            List<String> place = new ArrayList<>(above);
            place.add(property.getKey());
            for (String value : VALUES) {
                ObjectNode body = (ObjectNode) Json.MAPPER.readTree(RIGHT.getOrDefault(path, "{}"));
                ObjectNode at = body;
                for (String field : above) {
                    at = at.get(field) instanceof ObjectNode there ? there : at.putObject(field);
                }
                at.set(property.getKey(), Json.MAPPER.readTree(value));
                put(method, target, path, body.toString());
            }
            JsonNode below = resolve(property.getValue());
            if (above.size() < 2 && below.has("properties")) {
                fields(method, target, path, below, place);
            }
        });
    }

    private JsonNode resolve(JsonNode schema) {
        return schema.has("$ref") ? document.at(schema.get("$ref").asString().substring(1)) : schema;
    }

    private void put(String method, String target, String path, @Nullable String body) {
        String sent = body == null ? "" : body;
        String name = method + " " + target + " " + (sent.length() > 300 ? sent.substring(0, 40) + "…" : sent);
        Map<String, String> headers = body == null ? Map.of() : Map.of("Content-Type", "application/json");
        steps.put(
                name.strip(),
                new Step(
                        name.strip(),
                        method,
                        target,
                        headers,
                        sent.getBytes(StandardCharsets.UTF_8),
                        Map.of(),
                        false,
                        false));
    }

    /** Sends them all to an engine while a container api-bad runs there, and gives the status of each answer. */
    static Map<String, String> statuses(Path socket) throws Exception {
        Map<String, String> statuses = new LinkedHashMap<>();
        for (String before : List.of(
                "{request: POST /v1.51/images/load, image: true}",
                "{request: 'POST /v1.51/containers/create?name=api-bad', json: {Image: 'api-image:1', Cmd: [sleep, '600'],"
                        + " StopSignal: SIGKILL, HostConfig: {NetworkMode: none}}}",
                "{request: POST /v1.51/containers/api-bad/start}")) {
            Answers.answer(socket, Step.of(new Yaml().load(before)));
        }
        try (ExecutorService several = Executors.newFixedThreadPool(SIDE_BY_SIDE)) {
            Map<String, Future<String>> asked = new LinkedHashMap<>();
            for (Step step : steps()) {
                Future<String> status = several.submit(() -> status(socket, step));
                asked.put(step.name(), status);
                if (!step.path().equals("/containers/create")) {
                    status.get();
                }
            }
            for (Map.Entry<String, Future<String>> one : asked.entrySet()) {
                statuses.put(one.getKey(), one.getValue().get());
            }
        }
        remove(socket, "containers/api-bad");
        remove(socket, "images/api-image:1");
        return statuses;
    }

    /** The status of an answer; what was made goes again. */
    private static String status(Path socket, Step step) throws Exception {
        ObjectNode answer = Answers.answer(socket, step);
        String status = answer.path("status").asString();
        if (status.equals("201")) {
            switch (step.path()) {
                case "/containers/create" ->
                    remove(socket, "containers/" + answer.at("/body/Id").asString());
                case "/networks/create" ->
                    remove(socket, "networks/" + answer.at("/body/Id").asString());
                case "/volumes/create" ->
                    remove(socket, "volumes/" + answer.at("/body/Name").asString());
                default -> {}
            }
        }
        return status;
    }

    private static void remove(Path socket, String what) throws Exception {
        Answers.answer(socket, Step.of(Map.of("request", "DELETE /v1.51/" + what + "?force=1")));
    }

    /** Writes down the statuses but for 400, which is what nearly all of it gets. */
    static void record(Path socket) throws Exception {
        StringBuilder lines = new StringBuilder();
        statuses(socket).forEach((request, status) -> {
            if (!status.equals(USUAL)) {
                lines.append(status).append(' ').append(request).append('\n');
            }
        });
        Files.writeString(RECORDED, lines);
    }

    /** What dockerd answered, by the names of the steps; 400 where nothing is written down. */
    static Map<String, String> recorded() throws IOException {
        Map<String, String> recorded = new LinkedHashMap<>();
        steps().forEach(step -> recorded.put(step.name(), USUAL));
        for (String line : Files.readAllLines(RECORDED)) {
            int space = line.indexOf(' ');
            recorded.put(line.substring(space + 1), line.substring(0, space));
        }
        return recorded;
    }
}
