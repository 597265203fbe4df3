package dev.capas.answers;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Puts a word for what differs from run to run and from machine to machine, so that two answers can be compared. */
final class Volatile {
    /** Only the types below these fields count. */
    private static final Set<String> SHAPES = Set.of(
            "cpu_stats", "precpu_stats", "memory_stats", "pids_stats", "blkio_stats", "storage_stats", "GraphDriver");

    private static final Set<String> NUMBERS = Set.of(
            "Created",
            "time",
            "timeNano",
            "Pid",
            "Size",
            "SizeRootFs",
            "VirtualSize",
            "SharedSize",
            "LayersSize",
            "size",
            "mtime");

    private static final Set<String> TEXTS = Set.of(
            "LogPath",
            "ResolvConfPath",
            "HostnamePath",
            "HostsPath",
            "SandboxKey",
            "SandboxID",
            "MacAddress",
            "Hostname",
            "execDuration",
            "CgroupnsMode",
            "DockerVersion");

    private record Rule(Pattern pattern, String word) {}

    private static final List<Rule> RULES = List.of(
            new Rule(Pattern.compile("\\b[0-9a-f]{64}\\b"), "<id>"),
            new Rule(Pattern.compile("\\b[0-9a-f]{12}\\b"), "<short id>"),
            new Rule(
                    Pattern.compile(
                            "\\b(?!0001-)\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)"),
                    "<time>"),
            new Rule(Pattern.compile("(Less than a|About a|\\d+) (second|minute)s?\\b"), "<age>"),
            new Rule(Pattern.compile("/[^ ]*/docker-import-[0-9]+/"), "<path>/"),
            new Rule(Pattern.compile("/[^ '\":]*/volumes/"), "<volumes>/"),
            new Rule(Pattern.compile("/[^ ':]*/(overlay2|containers)/<id>/(merged|images/[0-9]+)"), "<root>"));

    private Volatile() {}

    /** The answer with words in place of what is volatile. */
    static JsonNode mask(Step step, ObjectNode answer) {
        ObjectNode masked = answer.deepCopy();
        if (masked.has("body")) {
            JsonNode body = step.own() ? own(masked.get("body")) : masked.get("body");
            masked.set("body", step.shape() ? shape(body) : mask("", body));
        }
        if (masked.has("headers")) {
            masked.set("headers", mask("", masked.get("headers")));
        }
        return masked;
    }

    private static JsonNode mask(String field, JsonNode node) {
        if (SHAPES.contains(field)) {
            return shape(node);
        }
        return switch (node) {
            case ObjectNode object -> {
                ObjectNode masked = JsonNodeFactory.instance.objectNode();
                object.properties()
                        .forEach(each -> masked.set(text(each.getKey()), mask(each.getKey(), each.getValue())));
                yield masked;
            }
            case ArrayNode array -> {
                ArrayNode masked = JsonNodeFactory.instance.arrayNode();
                sorted(array).forEach(element -> masked.add(mask(field, element)));
                yield masked;
            }
            case JsonNode number
            when number.isNumber() && NUMBERS.contains(field) && number.asLong() != 0 ->
                JsonNodeFactory.instance.stringNode("<number>");
            case JsonNode text
            when text.isString() && TEXTS.contains(field) && !text.asString().isEmpty() ->
                JsonNodeFactory.instance.stringNode("<text>");
            case JsonNode text when text.isString() -> JsonNodeFactory.instance.stringNode(text(text.asString()));
            default -> node;
        };
    }

    /** What a container changed, its mounts, its ports in a list, and volumes come in no order. */
    private static List<JsonNode> sorted(ArrayNode array) {
        return array.valueStream()
                .sorted(Comparator.<JsonNode, String>comparing(Volatile::order)
                        .thenComparing(element -> element.path("PrivatePort").asInt(0))
                        .thenComparing(element -> element.path("IP").asString("")))
                .toList();
    }

    private static String order(JsonNode element) {
        if (element.has("Kind")) {
            return element.path("Path").asString("");
        }
        return element.path("Destination").asString("")
                + element.path("Mountpoint").asString("");
    }

    private static String text(String text) {
        String masked = text;
        for (Rule rule : RULES) {
            masked = rule.pattern().matcher(masked).replaceAll(rule.word());
        }
        return masked;
    }

    /** Types instead of values; of a list of plain values the first stands for all. */
    private static JsonNode shape(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                ObjectNode shape = JsonNodeFactory.instance.objectNode();
                object.properties().forEach(each -> shape.set(each.getKey(), shape(each.getValue())));
                yield shape;
            }
            case ArrayNode array -> {
                ArrayNode shape = JsonNodeFactory.instance.arrayNode();
                array.forEach(element -> {
                    if (element.isContainer() || shape.isEmpty()) {
                        shape.add(shape(element));
                    }
                });
                yield shape;
            }
            case JsonNode number when number.isNumber() -> JsonNodeFactory.instance.stringNode("<number>");
            case JsonNode text when text.isString() -> JsonNodeFactory.instance.stringNode("<text>");
            case JsonNode flag when flag.isBoolean() -> JsonNodeFactory.instance.stringNode("<boolean>");
            default -> node;
        };
    }

    /** Lists without the objects that others made. */
    private static JsonNode own(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                ObjectNode cut = JsonNodeFactory.instance.objectNode();
                object.properties().forEach(each -> cut.set(each.getKey(), own(each.getValue())));
                yield cut;
            }
            case ArrayNode array -> {
                ArrayNode cut = JsonNodeFactory.instance.arrayNode();
                array.forEach(element -> {
                    if (!element.isObject() || element.toString().contains("api-")) {
                        cut.add(element);
                    }
                });
                yield cut;
            }
            default -> node;
        };
    }
}
