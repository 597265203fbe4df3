package dev.capas.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.OptionSpec;
import tools.jackson.databind.JsonNode;

/** What stands behind a key of {@code daemon.json}, read as the type that dockerd has for it. */
final class ConfigurationValue {
    private ConfigurationValue() {}

    /**
     * The value as it would stand behind the option, as often as the option would be given.
     *
     * @throws IllegalArgumentException if it is of another type, in the words of Go's {@code encoding/json}
     */
    static List<String> read(String key, JsonNode value, OptionSpec option) {
        if (key.equals("runtimes")) {
            return runtimes(value);
        } else if (key.equals("default-ulimits")) {
            return ulimits(value);
        } else if (key.equals("default-address-pools")) {
            return pools(value);
        } else if (key.equals("mtu")) {
            return List.of(expect(value.isIntegralNumber(), value, key, "int").asString());
        } else if (key.equals("default-shm-size") && value.isNumber()) {
            return List.of(value.asString());
        } else if (option.typeInfo().isBoolean()) {
            return List.of(expect(value.isBoolean(), value, key, "bool").asString());
        } else if (option.typeInfo().isMap()) {
            List<String> entries = new ArrayList<>();
            expect(value.isObject(), value, key, "map[string]string")
                    .properties()
                    .forEach(entry ->
                            entries.add(entry.getKey() + "=" + string(entry.getValue(), key + "." + entry.getKey())));
            return entries;
        } else if (option.typeInfo().isCollection()) {
            return expect(value.isArray(), value, key, "[]string")
                    .valueStream()
                    .map(element -> string(element, key))
                    .toList();
        }
        return List.of(string(value, key));
    }

    private static List<String> runtimes(JsonNode value) {
        List<String> runtimes = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : expect(
                        value.isObject(), value, "runtimes", "map[string]system.RuntimeWithStatus")
                .properties()) {
            String name = entry.getKey();
            JsonNode runtime = entry.getValue();
            String path = string(runtime.path("path"), "runtimes.path");
            if (path.isEmpty() || !runtime.path("runtimeArgs").isEmpty()) {
                throw new IllegalArgumentException("runtime " + name
                        + ": only a path is supported, to a program with the command line of an OCI runtime");
            }
            runtimes.add(name + "=" + path);
        }
        return runtimes;
    }

    private static List<String> ulimits(JsonNode value) {
        return expect(value.isObject(), value, "default-ulimits", "map[string]*container.Ulimit")
                .propertyStream()
                .map(entry ->
                        entry.getKey() + "=" + entry.getValue().path("Soft").asLong(0) + ":"
                                + entry.getValue().path("Hard").asLong(0))
                .toList();
    }

    private static List<String> pools(JsonNode value) {
        return expect(value.isArray(), value, "default-address-pools", "[]*ipamutils.NetworkToSplit")
                .valueStream()
                .map(pool -> "base=" + string(pool.path("base"), "default-address-pools.base") + ",size="
                        + pool.path("size").asString(""))
                .toList();
    }

    private static String string(JsonNode value, String key) {
        return expect(value.isString() || value.isNull() || value.isMissingNode(), value, key, "string")
                .asString("");
    }

    private static JsonNode expect(boolean right, JsonNode value, String key, String type) {
        if (!right) {
            throw new IllegalArgumentException("invalid JSON: json: cannot unmarshal " + kind(value)
                    + " into Go struct field Config." + key + " of type " + type);
        }
        return value;
    }

    /** What Go calls the kind of a value. */
    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "array";
            case BOOLEAN -> "bool";
            case NUMBER -> "number";
            case OBJECT, POJO -> "object";
            case STRING, BINARY -> "string";
            case NULL, MISSING -> "null";
        };
    }
}
