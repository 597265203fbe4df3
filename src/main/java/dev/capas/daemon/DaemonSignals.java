package dev.capas.daemon;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import sun.misc.Signal;

/** What signals from outside mean to the daemon. */
final class DaemonSignals {
    private static final int EXIT_OF_A_SIGNAL = 128;

    private DaemonSignals() {}

    /** Runs this at every SIGHUP, which would otherwise end the process. */
    static void onHangup(Runnable action) {
        Signal.handle(new Signal("HUP"), signal -> action.run());
    }

    /**
     * What SIGTERM and SIGINT open from now on, for an orderly stop; one that comes during the start is not lost. Another one ends
     * the process at once.
     */
    static CountDownLatch stop() {
        CountDownLatch stop = new CountDownLatch(1);
        for (String name : List.of("TERM", "INT")) {
            Signal.handle(new Signal(name), signal -> {
                if (stop.getCount() == 0) {
                    Runtime.getRuntime().halt(EXIT_OF_A_SIGNAL + signal.getNumber());
                }
                stop.countDown();
            });
        }
        return stop;
    }
}
