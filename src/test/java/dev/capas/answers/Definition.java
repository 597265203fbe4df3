package dev.capas.answers;

import dev.capas.oci.Json;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;

/**
 * A definition of the API, Swagger 2 or OpenAPI 3.1, and what of an answer does not fit it. Lists and objects may be null, as
 * Go writes those that were never made.
 */
final class Definition {
    /** Fields that this engine has beside Docker's. */
    private static final Set<String> OWN = Set.of("SizedAt");

    private final String name;
    private final JsonNode document;

    private Definition(String name, JsonNode document) {
        this.name = name;
        this.document = document;
    }

    /**
     * The project's own, and Docker's where it is at hand: where {@code DOCKER_API_DEFINITION} says, or in a directory
     * {@code api} beside the checkout.
     */
    static List<Definition> all() throws IOException {
        List<Path> files = new ArrayList<>(List.of(Path.of("api-spec/openapi.yaml")));
        String told = System.getenv("DOCKER_API_DEFINITION");
        if (told != null) {
            files.add(Path.of(told));
        } else {
            try (Stream<Path> siblings = Files.list(Path.of("..").toRealPath())) {
                siblings.map(sibling -> sibling.resolve("api/docker-engine-v1.51.yaml"))
                        .filter(Files::exists)
                        .forEach(files::add);
            }
        }
        List<Definition> definitions = new ArrayList<>();
        for (Path file : files) {
            LoaderOptions large = new LoaderOptions();
            large.setCodePointLimit(64 << 20);
            try (Reader reader = Files.newBufferedReader(file)) {
                definitions.add(new Definition(
                        file.getFileName().toString(), Json.MAPPER.valueToTree(new Yaml(large).load(reader))));
            }
        }
        return definitions;
    }

    /** Whether somebody else wrote it, who may have been wrong of dockerd. */
    boolean isDockers() {
        return document.has("swagger");
    }

    /** What in the answer does not fit; empty where the definition says nothing of it. */
    List<String> faults(Step step, JsonNode answer) {
        List<String> faults = new ArrayList<>();
        Optional<JsonNode> operation = operation(step);
        if (operation.isPresent() && answer.path("status").isNumber()) {
            String status = answer.path("status").asString();
            JsonNode responses = operation.get().path("responses");
            JsonNode response = responses.has(status) ? responses.get(status) : responses.path("default");
            if (response.isMissingNode()) {
                faults.add("status " + status);
            }
            JsonNode schema = response.has("schema")
                    ? response.get("schema")
                    : response.path("content").path("application/json").path("schema");
            String type = answer.path("headers").path("content-type").asString("");
            if (!schema.isMissingNode() && type.equals("application/json")) {
                JsonNode body = answer.path("body");
                boolean lines = body.isArray()
                        && !resolve(schema).path("type").asString("").equals("array");
                for (JsonNode part : lines ? body : List.of(body)) {
                    check("body", schema, part, faults);
                }
            }
        }
        return faults;
    }

    private Optional<JsonNode> operation(Step step) {
        return document.path("paths").properties().stream()
                .filter(path -> pattern(path.getKey()).matcher(step.path()).matches())
                .min((a, b) -> Integer.compare(variables(a.getKey()), variables(b.getKey())))
                .map(path -> path.getValue().path(step.method().toLowerCase(Locale.ROOT)))
                .filter(JsonNode::isObject);
    }

    private static int variables(String path) {
        return path.split("\\{", -1).length;
    }

    private static Pattern pattern(String path) {
        return Pattern.compile(path.replaceAll("\\{[^}]*}", "[^/]+"));
    }

    private JsonNode resolve(JsonNode schema) {
        JsonNode resolved = schema;
        while (resolved.has("$ref")) {
            resolved = document.at(resolved.get("$ref").asString().substring(1));
        }
        return resolved;
    }

    private void check(String place, JsonNode unresolved, JsonNode value, List<String> faults) {
        JsonNode schema = resolve(unresolved);
        schema.path("allOf").forEach(part -> check(place, part, value, faults));
        JsonNode types = schema.path("type");
        boolean mayBeNull = types.valueStream().anyMatch(type -> type.asString().equals("null"));
        String type = types.isArray()
                ? types.valueStream()
                        .map(JsonNode::asString)
                        .filter(name -> !name.equals("null"))
                        .findFirst()
                        .orElse("")
                : types.asString("");
        if (value.isNull()) {
            if (!mayBeNull
                    && !List.of("object", "array", "").contains(type)
                    && !schema.path("x-nullable").asBoolean(false)
                    && !unresolved.path("x-nullable").asBoolean(false)) {
                faults.add(place + " is null and not " + type);
            }
            return;
        }
        if (!fits(type, value)) {
            faults.add(place + " is " + value.getNodeType() + " and not " + type);
            return;
        }
        JsonNode choices = schema.path("enum");
        if (choices.isArray() && choices.valueStream().noneMatch(value::equals)) {
            faults.add(place + " is none of " + choices);
        }
        for (JsonNode required : schema.path("required")) {
            if (!value.has(required.asString())) {
                faults.add(place + "." + required.asString() + " is missing");
            }
        }
        value.properties().forEach(field -> {
            JsonNode property = schema.path("properties").path(field.getKey());
            if (property.isObject()) {
                check(place + "." + field.getKey(), property, field.getValue(), faults);
            } else if (schema.path("additionalProperties").isObject()) {
                check(place + ".*", schema.get("additionalProperties"), field.getValue(), faults);
            } else if (schema.has("properties") && !unresolved.has("allOf") && !OWN.contains(field.getKey())) {
                faults.add(place + "." + field.getKey() + " is not defined");
            }
        });
        if (value.isArray() && schema.path("items").isObject()) {
            value.forEach(element -> check(place + "[]", schema.get("items"), element, faults));
        }
    }

    /** The words of {@link Volatile} stand for values of their types. */
    private static boolean fits(String type, JsonNode value) {
        String word = value.asString("");
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "boolean" -> value.isBoolean() || word.equals("<boolean>");
            case "integer" -> value.isIntegralNumber() || word.equals("<number>");
            case "number" -> value.isNumber() || word.equals("<number>");
            default -> true;
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
