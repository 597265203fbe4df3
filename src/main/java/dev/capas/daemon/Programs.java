package dev.capas.daemon;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The versions of the programs that the engine starts, asked once of each. */
final class Programs {
    private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+(\\.\\d+)?\\S*");

    private final Map<String, Optional<String>> versions = new ConcurrentHashMap<>();

    /** What {@code program --version} says first that looks like a version; empty where it cannot be run. */
    Optional<String> version(String program) {
        return versions.computeIfAbsent(program, Programs::ask);
    }

    private static Optional<String> ask(String program) {
        try {
            Process process = new ProcessBuilder(program, "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readNBytes(4096));
            process.waitFor(1, TimeUnit.SECONDS);
            Matcher version = VERSION.matcher(said);
            return version.find() ? Optional.of(version.group()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
