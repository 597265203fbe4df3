package dev.capas.filter;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.capas.errdefs.EngineException;
import dev.capas.oci.Json;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The {@code filters} parameter of the Engine API: for each name the values that are asked for. Values of one name are
 * alternatives (labels excepted), names are joined by "and". A name that is not filtered on matches everything.
 */
public final class Filters {
    /** Filters nothing. */
    public static final Filters NONE = new Filters(Map.of());

    private static final Set<String> TRUE = Set.of("1", "true");
    private static final Set<String> FALSE = Set.of("0", "false");

    /** For each name its values; in the map form a client may say {@code false} of a value, which then only stands in messages. */
    private final Map<String, Map<String, Boolean>> fields;

    private Filters(Map<String, Map<String, Boolean>> fields) {
        this.fields = fields;
    }

    /**
     * Reads both forms that clients send: {@code {"dangling":{"false":true}}} (since API 1.22) and {@code {"dangling":["false"]}}.
     *
     * @param json null or empty where the client sent none
     * @throws EngineException if it is neither (400, "invalid filter")
     */
    public static Filters parse(@Nullable String json) {
        if (json == null || json.isEmpty()) {
            return NONE;
        }
        JsonNode tree;
        try {
            tree = Json.MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw invalid("", null);
        }
        if (tree.isNull()) {
            return NONE;
        }
        if (!tree.isObject()) {
            throw invalid("", null);
        }
        var fields = new LinkedHashMap<String, Map<String, Boolean>>();
        for (Map.Entry<String, JsonNode> field : tree.properties()) {
            fields.put(field.getKey(), values(field.getValue()));
        }
        return new Filters(fields);
    }

    /** Filters on one name, for use by the engine itself. */
    public static Filters of(String name, String... values) {
        var asked = new LinkedHashMap<String, Boolean>();
        Arrays.stream(values).forEach(value -> asked.put(value, true));
        return new Filters(Map.of(name, asked));
    }

    /** These filters and one value more. */
    public Filters and(String name, String value) {
        var more = new LinkedHashMap<>(fields);
        var values = new LinkedHashMap<>(fields.getOrDefault(name, Map.of()));
        values.put(value, true);
        more.put(name, values);
        return new Filters(more);
    }

    private static Map<String, Boolean> values(JsonNode node) {
        var values = new LinkedHashMap<String, Boolean>();
        if (node.isArray()) {
            for (JsonNode value : node) {
                if (!value.isString()) {
                    throw invalid("", null);
                }
                values.put(value.stringValue(), true);
            }
        } else if (node.isObject()) {
            for (Map.Entry<String, JsonNode> value : node.properties()) {
                if (!value.getValue().isBoolean()) {
                    throw invalid("", null);
                }
                values.put(value.getKey(), value.getValue().booleanValue());
            }
        } else if (!node.isNull()) {
            throw invalid("", null);
        }
        return values;
    }

    /**
     * Checks that only these names are filtered on.
     *
     * @return this
     * @throws EngineException if there is another (400, "invalid filter 'shape'")
     */
    public Filters accept(String... names) {
        List<String> known = Arrays.asList(names);
        for (String name : fields.keySet()) {
            if (!known.contains(name)) {
                throw invalid(name, null);
            }
        }
        return this;
    }

    /** Whether nothing is filtered on. */
    public boolean isEmpty() {
        return fields.isEmpty();
    }

    /** Whether the client filters on this name, be it without a value. */
    public boolean contains(String name) {
        return fields.containsKey(name);
    }

    /** The values that the client gave for the name, in its order; empty where it gave none. */
    public List<String> get(String name) {
        return List.copyOf(fields.getOrDefault(name, Map.of()).keySet());
    }

    /** Whether this very value is asked for. */
    public boolean has(String name, String value) {
        return fields.getOrDefault(name, Map.of()).getOrDefault(value, false);
    }

    /**
     * The value of a yes-or-no filter.
     *
     * @throws EngineException if the client gave both, neither or something else (400, "invalid filter 'dangling=[x]'")
     */
    public boolean getBoolean(String name, boolean absent) {
        Map<String, Boolean> values = fields.get(name);
        if (values == null) {
            return absent;
        }
        boolean yes = TRUE.stream().anyMatch(value -> has(name, value));
        boolean no = FALSE.stream().anyMatch(value -> has(name, value));
        if (yes == no) {
            throw invalid(name, values.isEmpty() ? null : get(name).toString().replace(", ", " "));
        }
        return yes;
    }

    /**
     * The instant of a filter that may be given once, such as {@code until}; null where the client gave none.
     *
     * @throws EngineException if there are several values or it is no time (400)
     */
    public @Nullable Instant getTimestamp(String name) {
        List<String> values = get(name);
        if (values.size() > 1) {
            throw EngineException.invalidParameter("more than one " + name + " filter specified");
        }
        return values.isEmpty() ? null : Timestamp.parse(values.getFirst());
    }

    /**
     * The same for filters of images, where dockerd takes a wrong time for a fault of its own.
     *
     * @throws EngineException if there are several values (400) or it is no time (500)
     */
    public @Nullable Instant getImageTimestamp(String name) {
        try {
            return getTimestamp(name);
        } catch (EngineException e) {
            throw get(name).size() > 1 ? e : EngineException.system(e.getMessage(), null);
        }
    }

    /** Whether the value is one of those asked for. */
    public boolean matchExact(String name, @Nullable String value) {
        return get(name).isEmpty() || (value != null && has(name, value));
    }

    /** Whether one of the values asked for begins the value. */
    public boolean matchPrefix(String name, @Nullable String value) {
        return matchExact(name, value) || (value != null && get(name).stream().anyMatch(value::startsWith));
    }

    /** Whether one of the values asked for, as a regular expression (RE2, as in Go), is found in the value. A malformed one finds nothing. */
    public boolean matchRegex(String name, String value) {
        return matchExact(name, value) || get(name).stream().anyMatch(regex -> finds(regex, value));
    }

    private static boolean finds(String regex, String value) {
        try {
            return Pattern.compile(regex).matcher(value).find();
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    /** Whether every {@code key} or {@code key=value} asked for is among the pairs. */
    public boolean matchPairs(String name, @Nullable Map<String, String> pairs) {
        for (String asked : get(name)) {
            int equals = asked.indexOf('=');
            String actual = pairs == null ? null : pairs.get(equals < 0 ? asked : asked.substring(0, equals));
            if (actual == null || (equals >= 0 && !actual.equals(asked.substring(equals + 1)))) {
                return false;
            }
        }
        return true;
    }

    /** Whether the labels match {@code label}, and do not match {@code label!}. */
    public boolean matchLabels(@Nullable Map<String, String> labels) {
        return matchPairs("label", labels) && !(contains("label!") && matchPairs("label!", labels));
    }

    /** The error for a value that the filter does not know: "invalid filter 'name=value'". */
    public static EngineException invalid(String name, @Nullable String value) {
        var message = new StringBuilder("invalid filter");
        if (!name.isEmpty()) {
            message.append(" '").append(name);
            if (value != null) {
                message.append('=').append(value);
            }
            message.append('\'');
        }
        return EngineException.invalidParameter(message.toString());
    }

    @Override
    public String toString() {
        return fields.toString();
    }
}
