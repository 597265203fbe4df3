package dev.capas.container;

import dev.capas.linux.Signals;
import dev.capas.runtime.ExecTask;
import dev.capas.runtime.StreamHub.Chunk;
import dev.capas.runtime.StreamHub.Subscription;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An exec of the engine's own, which runs. The beginning of its output is kept. */
final class Probe {
    private static final Logger log = LoggerFactory.getLogger(Probe.class);

    /** As much as dockerd keeps, in bytes. */
    private static final int KEPT = 4096;

    private final ExecTask task;
    private final CompletableFuture<Integer> told;
    private final CompletableFuture<String> output;

    /**
     * A probe that has started.
     *
     * @param told completes with the exit code once everybody has been told of the end
     * @param output its standard output and error
     */
    Probe(ExecTask task, CompletableFuture<Integer> told, Subscription output) {
        this.task = task;
        this.told = told;
        this.output = CompletableFuture.supplyAsync(
                () -> read(output),
                reading -> Thread.ofVirtual().name("probe output").start(reading));
    }

    /** Waits for its end, and returns its exit code; kills it where that takes longer, and returns nothing. */
    OptionalInt await(Duration timeout) {
        try {
            return OptionalInt.of(told.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            kill();
            told.join();
            return OptionalInt.empty();
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalInt.empty();
        }
    }

    /** Ends it. */
    void kill() {
        try {
            task.kill(Signals.SIGKILL);
        } catch (IOException e) {
            log.warn("A probe cannot be killed", e);
        }
    }

    /** The beginning of what it has printed, once it has ended. */
    String output() {
        return output.join();
    }

    private static String read(Subscription output) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        boolean cut = false;
        try (output) {
            Chunk chunk;
            while ((chunk = output.next()) != null) {
                int room = Math.min(chunk.bytes().length, KEPT - kept.size());
                kept.write(chunk.bytes(), 0, room);
                cut |= room < chunk.bytes().length;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return kept.toString(StandardCharsets.UTF_8) + (cut ? "..." : "");
    }
}
