package dev.capas.daemon;

import java.util.concurrent.CountDownLatch;

/** Turns SIGTERM and SIGINT into an orderly return of the main thread. */
final class StopSignal {
    private StopSignal() {}

    /** Waits until the process is told to stop; the process ends when the main thread has returned. */
    static void await() throws InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        Thread main = Thread.currentThread();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            stop.countDown();
                            try {
                                main.join();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "stop"));
        stop.await();
    }
}
