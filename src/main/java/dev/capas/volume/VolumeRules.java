package dev.capas.volume;

import dev.capas.errdefs.EngineException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a volume of the driver {@code local} may be called, and which options it may have (dockerd's rules and words). */
final class VolumeRules {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
    private static final int LONGEST_NAME = 255;

    private static final Set<String> OPTIONS = Set.of("type", "o", "device", "size");
    private static final Map<String, List<String>> TOGETHER =
            new TreeMap<>(Map.of("device", List.of("type"), "type", List.of("device"), "o", List.of("device", "type")));
    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?) ?[kmgtp]?i?b?", Pattern.CASE_INSENSITIVE);
    /** A URL as far as its host and port. */
    private static final Pattern HOST =
            Pattern.compile("(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//(?:[^/@]*@)?([^/:]*)(:[^/]*)?.*");

    private VolumeRules() {}

    /** Whether a directory of this name can be a volume. */
    static boolean isName(String name) {
        return NAME.matcher(name).matches() && name.length() <= LONGEST_NAME;
    }

    /**
     * Checks what a new volume is asked to be.
     *
     * @throws EngineException if it cannot be (400), or there is no such driver (404)
     */
    static void check(String name, String driver, @Nullable Map<String, String> options) {
        String prefix = "create " + name + ": ";
        driver(name, driver);
        if (name.length() == 1) {
            throw EngineException.invalidParameter(
                    prefix + "volume name is too short, names should be at least two alphanumeric characters");
        }
        if (!NAME.matcher(name).matches()) {
            throw EngineException.invalidParameter(prefix + '"' + name
                    + "\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are"
                    + " allowed. If you intended to pass a host directory, use absolute path");
        }
        if (name.length() > LONGEST_NAME) {
            throw EngineException.system(prefix + "file name too long", null);
        }
        @Nullable String problem = options == null ? null : problem(options);
        if (problem != null) {
            throw EngineException.invalidParameter(prefix + problem);
        }
    }

    /**
     * Checks that there is this driver; empty means the default one.
     *
     * @throws EngineException (404) if there is none
     */
    static void driver(String name, String driver) {
        if (!driver.isEmpty() && !driver.equals(Volume.DRIVER)) {
            throw EngineException.notFound("create " + name + ": error looking up volume plugin " + driver
                    + ": plugin \"" + driver + "\" not found");
        }
    }

    private static @Nullable String problem(Map<String, String> options) {
        for (String option : new TreeMap<>(options).keySet()) {
            if (!OPTIONS.contains(option)) {
                return "invalid option: \"" + option + '"';
            }
        }
        @Nullable String problem = options.containsKey("size") ? sizeProblem(options.get("size")) : null;
        if (problem == null && "cifs".equals(options.get("type"))) {
            problem = portProblem(options.getOrDefault("device", ""));
        }
        for (Map.Entry<String, List<String>> rule : TOGETHER.entrySet()) {
            for (String required : options.containsKey(rule.getKey()) ? rule.getValue() : List.<String>of()) {
                if (problem == null && !options.containsKey(required)) {
                    problem = "missing required option: \"" + required + '"';
                }
            }
        }
        return problem;
    }

    private static @Nullable String sizeProblem(String size) {
        Matcher number = SIZE.matcher(size);
        if (!number.matches()) {
            return "invalid size: '" + size + "'";
        }
        return Double.parseDouble(number.group(1)) > 0 ? "quota size requested but no quota support" : null;
    }

    private static @Nullable String portProblem(String device) {
        Matcher url = HOST.matcher(device);
        if (!url.matches() || url.group(2) == null || url.group(2).length() == 1) {
            return null;
        }
        String port = url.group(2);
        return port.substring(1).chars().allMatch(Character::isDigit)
                ? "port not allowed in CIFS device URL, include 'port' in 'o='"
                : "error parsing mount device url: parse \"" + device + "\": invalid port \"" + port + "\" after host";
    }
}
