package dev.capas.runtime;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Standard input on its way to a process that may not exist yet. Bytes and the end are kept until there is one, up to a mebibyte; a
 * platform thread of its own then writes them, for that may block.
 */
final class StandardInput {
    /** Where the bytes go: blocks as long as the process does not read. */
    interface Sink {
        void write(byte[] bytes) throws IOException;

        void end() throws IOException;
    }

    private static final int LIMIT = 1 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private int held;
    private boolean ended;
    private @Nullable Sink sink;

    /** Takes bytes; waits while a mebibyte is on its way. */
    void write(byte[] bytes) throws IOException {
        lock.lock();
        try {
            while (held >= LIMIT && !ended) {
                changed.await();
            }
            if (ended) {
                throw new IOException("standard input is closed");
            }
            waiting.add(bytes);
            held += bytes.length;
            changed.signalAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more will come. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** There is a process now. */
    void begin(Sink to) {
        lock.lock();
        try {
            sink = to;
        } finally {
            lock.unlock();
        }
        Thread.ofPlatform().daemon().name("stdin").start(() -> deliver(to));
    }

    /** The process has gone: what it did not take is dropped, and the next one starts anew. */
    void reset() {
        lock.lock();
        try {
            sink = null;
            waiting.clear();
            held = 0;
            ended = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void deliver(Sink to) {
        try {
            for (byte[] bytes = next(to); bytes != null; bytes = next(to)) {
                to.write(bytes);
            }
            if (isCurrent(to)) {
                to.end();
            }
        } catch (IOException e) {
            end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private byte @Nullable [] next(Sink to) throws InterruptedException {
        lock.lock();
        try {
            while (sink == to) {
                byte[] bytes = waiting.poll();
                if (bytes != null) {
                    held -= bytes.length;
                    changed.signalAll();
                    return bytes;
                }
                if (ended) {
                    return null;
                }
                changed.await();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private boolean isCurrent(Sink to) {
        lock.lock();
        try {
            return sink == to;
        } finally {
            lock.unlock();
        }
    }
}
