package dev.capas.container;

import dev.capas.container.HostConfig.LogConfig;
import dev.capas.errdefs.EngineException;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a container's output is kept. Docker's drivers {@code json-file} and {@code local} are names here for the one log that
 * conmon writes; they differ in what they rotate by themselves.
 *
 * @param kept false for the driver {@code none}
 * @param maxSize bytes after which the log is rotated, 0 for never
 * @param maxFiles how many files there are at most, the one being written among them
 */
record LogDriver(boolean kept, long maxSize, int maxFiles) {
    static final String JSON_FILE = "json-file";
    static final String LOCAL = "local";
    static final String NONE = "none";

    private static final Set<String> JSON_FILE_OPTIONS = Set.of(
            "max-file",
            "max-size",
            "compress",
            "labels",
            "labels-regex",
            "env",
            "env-regex",
            "tag",
            "mode",
            "max-buffer-size");
    private static final Set<String> LOCAL_OPTIONS =
            Set.of("max-file", "max-size", "compress", "mode", "max-buffer-size");
    private static final Pattern SIZE = Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?([kmgtp])?i?b?");

    /** Refuses what dockerd refuses when a container is created (400). */
    static void check(LogConfig config) {
        Map<String, String> options = options(config);
        switch (config.type()) {
            case "", JSON_FILE ->
                checkNames(options, JSON_FILE_OPTIONS, "unknown log opt '%s' for json-file log driver");
            case LOCAL -> checkNames(options, LOCAL_OPTIONS, "unknown log opt '%s' for log driver local");
            case NONE -> {}
            default ->
                throw EngineException.invalidParameter("error looking up logging plugin " + config.type()
                        + ": plugin \"" + config.type() + "\" not found");
        }
        String mode = options.getOrDefault("mode", "blocking");
        if (!Set.of("", "blocking", "non-blocking").contains(mode)) {
            throw EngineException.invalidParameter("logger: logging mode not supported: " + mode);
        }
        if (options.containsKey("max-buffer-size") && !mode.equals("non-blocking")) {
            throw EngineException.invalidParameter(
                    "logger: max-buffer-size option is only supported with 'mode=non-blocking'");
        }
    }

    private static void checkNames(Map<String, String> options, Set<String> known, String refusal) {
        options.keySet().stream()
                .filter(name -> !known.contains(name))
                .sorted()
                .findFirst()
                .ifPresent(name -> {
                    throw EngineException.invalidParameter(refusal.formatted(name));
                });
    }

    /** Reads the options, at a start; what is wrong fails it with dockerd's words (500). */
    static LogDriver of(LogConfig config) {
        return switch (config.type()) {
            case NONE -> new LogDriver(false, 0, 1);
            case LOCAL -> local(options(config));
            default -> jsonFile(options(config));
        };
    }

    private static LogDriver jsonFile(Map<String, String> options) {
        String size = options.get("max-size");
        long maxSize = size == null ? 0 : size(size, "");
        if (size != null && maxSize <= 0) {
            throw refused("max-size must be a positive number");
        }
        int maxFiles = files(options.getOrDefault("max-file", "1"), "");
        if (maxFiles < 1) {
            throw refused("max-file cannot be less than 1");
        }
        if (bool(options.getOrDefault("compress", "false"), "") && (maxFiles < 2 || maxSize == 0)) {
            throw refused("compress cannot be true when max-file is less than 2 or max-size is not set");
        }
        return new LogDriver(true, maxSize, maxFiles);
    }

    private static LogDriver local(Map<String, String> options) {
        long maxSize = size(options.getOrDefault("max-size", "20m"), "invalid value for max-size: ");
        int maxFiles = files(options.getOrDefault("max-file", "5"), "invalid value for max-file: ");
        if (maxFiles < 0) {
            throw refused("max file count cannot be less than 0");
        }
        if (bool(options.getOrDefault("compress", "true"), "invalid value for compress: ") && maxFiles <= 1) {
            throw refused("compression cannot be enabled when max file count is 1");
        }
        return new LogDriver(true, maxSize, Math.max(1, maxFiles));
    }

    private static Map<String, String> options(LogConfig config) {
        return config.config() == null ? Map.of() : config.config();
    }

    private static long size(String text, String where) {
        Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!size.matches()) {
            throw refused(told(where, text) + "invalid size: '" + text + "'");
        }
        int thousands = size.group(2) == null ? 0 : "kmgtp".indexOf(size.group(2)) + 1;
        BigDecimal bytes = new BigDecimal(size.group(1)).movePointRight(3 * thousands);
        return bytes.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
    }

    private static int files(String text, String where) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw refused(told(where, text) + "strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
    }

    private static boolean bool(String text, String where) {
        return switch (text) {
            case "1", "t", "T", "TRUE", "true", "True" -> true;
            case "0", "f", "F", "FALSE", "false", "False" -> false;
            default -> throw refused(told(where, text) + "strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
        };
    }

    private static String told(String where, String text) {
        return where.isEmpty() ? "" : where + text + ": ";
    }

    private static EngineException refused(String why) {
        return EngineException.system(
                "failed to create task for container: failed to initialize logging driver: " + why, null);
    }
}
