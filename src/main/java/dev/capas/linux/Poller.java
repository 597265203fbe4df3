package dev.capas.linux;

import static dev.capas.linux.Native.call;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One platform thread that watches many descriptors and says when one can be read (or has ended), or that the other side of a socket
 * is gone. A handler runs on that thread: it reads what is there and does nothing that waits.
 */
public final class Poller implements AutoCloseable {
    /** There is something to read, or the end. */
    public static final short READABLE = 1;

    /** The other side of a socket has closed its direction, or both. */
    public static final short END_OF_INPUT = 0x2000;

    /** The other side of a socket has closed both directions. */
    public static final short CLOSED = 0;

    private static final int POLLFD = 8;
    private static final byte[] ONE = {1, 0, 0, 0, 0, 0, 0, 0};

    private record Handler(short events, Runnable action) {}

    private final Map<Fd, Handler> handlers = new ConcurrentHashMap<>();
    private final Fd wake;
    private final Thread thread;
    private volatile boolean closed;
    private boolean ended;

    /** Starts the thread, a daemon thread of this name. */
    public Poller(String name) throws LinuxException {
        wake = Fd.eventCounter();
        thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /** Calls the handler whenever the descriptor is readable, until it is removed. */
    public void watch(Fd fd, Runnable readable) {
        watch(fd, READABLE, readable);
    }

    /**
     * Calls the handler whenever this holds, until it is removed.
     *
     * @param event {@link #READABLE}, {@link #END_OF_INPUT} or {@link #CLOSED}; the last two hold for ever once they do
     */
    public void watch(Fd fd, short event, Runnable handler) {
        handlers.put(fd, new Handler(event, handler));
        wake();
    }

    /** Stops watching it; it may be closed once this has returned. A handler may remove its own descriptor. */
    public void remove(Fd fd) {
        handlers.remove(fd);
        wake();
    }

    @Override
    public void close() {
        closed = true;
        wake();
    }

    private synchronized void wake() {
        if (!ended && Thread.currentThread() != thread) {
            try {
                wake.write(ONE, 0, ONE.length);
            } catch (LinuxException e) {
                if (e.errno() != Errno.EAGAIN) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private void run() {
        byte[] counter = new byte[8];
        while (!closed) {
            List<Map.Entry<Fd, Handler>> watched = new ArrayList<>(handlers.entrySet());
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment set = arena.allocate((watched.size() + 1L) * POLLFD, 8);
                set.set(Native.INT, 0, wake.number());
                set.set(Native.SHORT, 4, READABLE);
                for (int i = 0; i < watched.size(); i++) {
                    long at = (i + 1L) * POLLFD;
                    set.set(Native.INT, at, watched.get(i).getKey().number());
                    set.set(Native.SHORT, at + 4, watched.get(i).getValue().events());
                }
                long ready = call(arena, SystemCall.PPOLL, set.address(), watched.size() + 1L, 0, 0, 0);
                if (ready <= 0) {
                    continue;
                }
                if (set.get(Native.SHORT, 6) != 0) {
                    drain(counter);
                }
                for (int i = 0; i < watched.size(); i++) {
                    Map.Entry<Fd, Handler> entry = watched.get(i);
                    if (set.get(Native.SHORT, (i + 1L) * POLLFD + 6) != 0 && handlers.containsKey(entry.getKey())) {
                        handle(entry);
                    }
                }
            }
        }
        end();
    }

    /** From here on the number of the counter may be another descriptor's. */
    private synchronized void end() {
        ended = true;
        wake.close();
    }

    private void handle(Map.Entry<Fd, Handler> entry) {
        try {
            entry.getValue().action().run();
        } catch (RuntimeException e) {
            handlers.remove(entry.getKey());
            System.getLogger(Poller.class.getName()).log(System.Logger.Level.ERROR, "handler of " + entry.getKey(), e);
        }
    }

    private void drain(byte[] counter) {
        try {
            wake.read(counter, 0, counter.length);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EAGAIN) {
                throw new IllegalStateException(e);
            }
        }
    }
}
