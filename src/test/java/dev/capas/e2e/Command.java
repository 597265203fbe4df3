package dev.capas.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program that a test runs to its end. */
public final class Command {
    /**
     * What it printed and how it ended.
     *
     * @param code the exit code
     * @param out standard output, bytes taken as UTF-8
     * @param err standard error
     */
    public record Result(int code, String out, String err) {
        /** The output of a program that must have succeeded. */
        public String ok() {
            if (code != 0) {
                throw new AssertionError("exit code " + code + "\n" + out + err);
            }
            return out;
        }
    }

    private static final Duration LIMIT = Duration.ofMinutes(3);

    private Command() {}

    /** Runs it without input. */
    public static Result run(String... command) {
        return run(List.of(command), new byte[0], Map.of());
    }

    /** Runs it with this input, and these variables beside those of the test. */
    public static Result run(List<String> command, byte[] input, Map<String, String> environment) {
        try {
            ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
            builder.environment().putAll(environment);
            Process process = builder.start();
            CompletableFuture<String> out = read(process.getInputStream());
            CompletableFuture<String> err = read(process.getErrorStream());
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input);
            } catch (IOException e) {
                // it ended without reading all of it, which its exit code tells
            }
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " still runs after " + LIMIT);
            }
            return new Result(process.exitValue(), out.join(), err.join());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static CompletableFuture<String> read(InputStream stream) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }
}
