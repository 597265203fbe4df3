package dev.capas.network.bridge;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Waiting for what another thread does, whose exceptions become the caller's. */
final class Waiting {
    private Waiting() {}

    /** After too many open files, or at the end: neither is worth a busy loop. */
    static void aMoment() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static <T> T on(CompletableFuture<T> work) throws IOException {
        try {
            return work.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException other -> throw other;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
