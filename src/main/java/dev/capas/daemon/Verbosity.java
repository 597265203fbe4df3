package dev.capas.daemon;

import java.util.Locale;
import java.util.Map;
import org.springframework.boot.logging.LogLevel;

/** How much is logged, by dockerd's names. The libraries within are quieter than the engine. */
enum Verbosity {
    DEBUG(LogLevel.DEBUG, LogLevel.INFO),
    INFO(LogLevel.INFO, LogLevel.WARN),
    WARN(LogLevel.WARN, LogLevel.WARN),
    ERROR(LogLevel.ERROR, LogLevel.ERROR);

    private final LogLevel engine;
    private final LogLevel libraries;

    Verbosity(LogLevel engine, LogLevel libraries) {
        this.engine = engine;
        this.libraries = libraries;
    }

    /**
     * What a name means.
     *
     * @throws IllegalArgumentException if there is none, in dockerd's words
     */
    static Verbosity parse(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "debug", "trace" -> DEBUG;
            case "info" -> INFO;
            case "warn", "warning" -> WARN;
            case "error", "fatal", "panic" -> ERROR;
            default -> throw new IllegalArgumentException("invalid logging level: " + name);
        };
    }

    /** The levels by logger. */
    Map<String, LogLevel> levels() {
        return Map.of("root", libraries, "dev.capas", engine);
    }
}
