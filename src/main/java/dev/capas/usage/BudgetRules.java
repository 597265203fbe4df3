package dev.capas.usage;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.ByteSize;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What an image may weigh.
 *
 * @param max the bytes of its layers, or null
 * @param base the image that it may be larger than by {@link #maxGrowth}, or null
 * @param maxGrowth in bytes, or null
 * @param maxWasted the bytes that are stored and not seen, or null
 * @param above the image whose layers do not count, or null
 * @param warn the names of the rules that only warn
 */
public record BudgetRules(
        @Nullable Long max,
        @Nullable String base,
        @Nullable Long maxGrowth,
        @Nullable Long maxWasted,
        @Nullable String above,
        Set<String> warn) {
    static final String MAX = "max";
    static final String MAX_GROWTH = "maxGrowth";
    static final String MAX_WASTED = "maxWasted";

    private static final String BASE = "base";
    private static final String ABOVE = "above";
    private static final String WARN = "warn";
    private static final List<String> NAMES = List.of(MAX, MAX_GROWTH, MAX_WASTED);
    private static final List<String> KNOWN = List.of(MAX, BASE, MAX_GROWTH, MAX_WASTED, ABOVE, WARN);

    /**
     * Reads the parameters of a query. What is misspelt must not pass for a rule that holds.
     *
     * @throws EngineException if there is no rule, one that is unknown, given twice or not complete, or a size is none (400)
     */
    public static BudgetRules of(Map<String, String[]> parameters) {
        for (Map.Entry<String, String[]> parameter : parameters.entrySet()) {
            if (!KNOWN.contains(parameter.getKey())) {
                throw EngineException.invalidParameter(
                        "unknown rule '" + parameter.getKey() + "': the parameters are " + String.join(", ", KNOWN));
            }
            if (parameter.getValue().length > 1 && !parameter.getKey().equals(WARN)) {
                throw EngineException.invalidParameter("'" + parameter.getKey() + "' is given more than once");
            }
        }
        BudgetRules rules = new BudgetRules(
                size(parameters, MAX),
                text(parameters, BASE),
                size(parameters, MAX_GROWTH),
                size(parameters, MAX_WASTED),
                text(parameters, ABOVE),
                warn(parameters.getOrDefault(WARN, new String[0])));
        if (rules.max == null && rules.maxGrowth == null && rules.maxWasted == null) {
            throw EngineException.invalidParameter(
                    "no rule: at least one of " + String.join(", ", NAMES) + " is needed");
        }
        if ((rules.base == null) != (rules.maxGrowth == null)) {
            throw EngineException.invalidParameter("'" + BASE + "' and '" + MAX_GROWTH + "' go together: "
                    + (rules.base == null ? BASE : MAX_GROWTH) + " is missing");
        }
        return rules;
    }

    private static @Nullable Long size(Map<String, String[]> parameters, String name) {
        String text = text(parameters, name);
        return text == null ? null : ByteSize.parse(text);
    }

    private static @Nullable String text(Map<String, String[]> parameters, String name) {
        String[] values = parameters.get(name);
        if (values == null) {
            return null;
        }
        if (values[0].isEmpty()) {
            throw EngineException.invalidParameter("'" + name + "' is empty");
        }
        return values[0];
    }

    private static Set<String> warn(String[] values) {
        Set<String> names = new TreeSet<>();
        for (String value : values) {
            Arrays.stream(value.split(","))
                    .map(String::strip)
                    .filter(name -> !name.isEmpty())
                    .forEach(names::add);
        }
        for (String name : names) {
            if (!NAMES.contains(name)) {
                throw EngineException.invalidParameter(
                        "unknown rule '" + name + "' in '" + WARN + "': the rules are " + String.join(", ", NAMES));
            }
        }
        return names;
    }
}
