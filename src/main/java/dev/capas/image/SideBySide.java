package dev.capas.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Work on the layers of one image, a few at a time, on platform threads: storing a layer is system calls, which would hold the
 * carrier of a virtual one. The first failure ends the rest.
 */
final class SideBySide implements AutoCloseable {
    /** How many layers Docker works on at a time. */
    static final int AT_A_TIME = 3;

    private final ExecutorService threads = Executors.newFixedThreadPool(
            AT_A_TIME, Thread.ofPlatform().name("layer-", 0).factory());
    private final List<Future<?>> work = new ArrayList<>();

    /** A step that may fail. */
    interface Step {
        void run() throws IOException;
    }

    void submit(Step step) {
        work.add(threads.submit(() -> {
            step.run();
            return null;
        }));
    }

    /** Waits for all of it; throws what the first that failed threw. */
    void await() throws IOException {
        for (Future<?> step : work) {
            try {
                step.get();
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case IOException failure -> throw failure;
                    case RuntimeException failure -> throw failure;
                    case Error failure -> throw failure;
                    case null, default -> throw new IllegalStateException(e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            } catch (CancellationException e) {
                throw new IOException("cancelled", e);
            }
        }
    }

    /** Returns when nothing of it runs any more. */
    @Override
    public void close() {
        work.forEach(step -> step.cancel(true));
        threads.close();
    }
}
