package dev.capas.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports of this machine that are free, stay so until they are used, and are given once: no connection gets them by itself, nor does an
 * engine, and each of the processes that run tests side by side has a range of its own.
 */
public final class FreePort {
    private static final int FIRST = 25_000;
    private static final int EACH = 3_000;
    private static final AtomicInteger next =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 7 % EACH));

    private FreePort() {}

    /** One of them. */
    public static int any() {
        return pair();
    }

    /** The first of two that follow each other. */
    public static int pair() {
        int range = FIRST + EACH * ((Integer.getInteger("surefire.forkNumber", 1) + 1) % 2);
        while (true) {
            int first = range + next.getAndAdd(2) % (EACH - 1);
            try (ServerSocket one = new ServerSocket(first);
                    ServerSocket two = new ServerSocket(first + 1)) {
                return Math.min(one.getLocalPort(), two.getLocalPort());
            } catch (java.net.BindException e) {
                // the next may be free
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
