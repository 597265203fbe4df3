package dev.capas.daemon;

import java.util.concurrent.CountDownLatch;
import sun.misc.Signal;

/** What signals from outside mean to the daemon. */
final class DaemonSignals {
    private DaemonSignals() {}

    /** Runs this at every SIGHUP, which would otherwise end the process. */
    static void onHangup(Runnable action) {
        Signal.handle(new Signal("HUP"), signal -> action.run());
    }

    /**
     * Waits until SIGTERM or SIGINT tells the process to stop, and turns that into an orderly return of the main thread: the
     * process ends when that has returned.
     */
    static void awaitStop() throws InterruptedException {
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
