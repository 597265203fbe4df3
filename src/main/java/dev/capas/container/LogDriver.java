package dev.capas.container;

import dev.capas.container.HostConfig.LogConfig;
import dev.capas.errdefs.EngineException;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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
    private static final Set<String> LOCAL_OPTIONS = Set.of(
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
        if (config.type().equals(NONE)) {
            return new LogDriver(false, 0, 1);
        }
        Map<String, String> options = options(config);
        boolean local = config.type().equals(LOCAL);
        String size = options.get("max-size");
        String files = options.get("max-file");
        long maxSize = size == null ? (local ? 20_000_000 : 0) : size(size);
        int maxFiles = files == null ? (local ? 5 : 1) : files(files);
        String compress = options.get("compress");
        if (compress != null && bool(compress) && !local && (maxFiles < 2 || maxSize == 0)) {
            throw refused("compress cannot be true when max-file is less than 2 or max-size is not set");
        }
        return new LogDriver(true, maxSize, maxFiles);
    }

    private static Map<String, String> options(LogConfig config) {
        return config.config() == null ? Map.of() : config.config();
    }

    private static long size(String text) {
        Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!size.matches()) {
            throw refused("invalid size: '" + text + "'");
        }
        int thousands = size.group(2) == null ? 0 : "kmgtp".indexOf(size.group(2)) + 1;
        BigDecimal bytes = new BigDecimal(size.group(1)).movePointRight(3 * thousands);
        if (bytes.signum() <= 0 || bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw refused("max-size must be a positive number");
        }
        return bytes.longValue();
    }

    private static int files(String text) {
        int files;
        try {
            files = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw refused("strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
        if (files < 1) {
            throw refused("max-file cannot be less than 1");
        }
        return files;
    }

    private static boolean bool(String text) {
        return switch (text) {
            case "1", "t", "T", "TRUE", "true", "True" -> true;
            case "0", "f", "F", "FALSE", "false", "False" -> false;
            default -> throw refused("strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
        };
    }

    private static EngineException refused(@Nullable String why) {
        return EngineException.system(
                "failed to create task for container: failed to initialize logging driver: " + why, null);
    }
}
