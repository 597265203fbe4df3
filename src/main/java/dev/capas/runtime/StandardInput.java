package dev.capas.runtime;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The standard input of one run, of a process that may not exist yet. Bytes and the end are kept until there is one, up to a
 * mebibyte; a platform thread of its own then writes them, for that may block.
 */
final class StandardInput implements StreamHub.Input {
    /** Where the bytes go: blocks as long as the process does not read. */
    interface Sink extends AutoCloseable {
        void write(byte[] bytes) throws IOException;

        /** Tells the process that nothing more will come. */
        void end() throws IOException;

        @Override
        void close();
    }

    private static final int LIMIT = 1 << 20;

    private final boolean ends;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private int held;
    private boolean ended;
    private boolean over;

    /**
     * Input for the next run.
     *
     * @param ends whether {@link #close} reaches the process; otherwise somebody may always write again
     */
    StandardInput(boolean ends) {
        this.ends = ends;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            while (held >= LIMIT && !ended && !over) {
                changed.await();
            }
            if (!ended && !over) {
                waiting.add(Arrays.copyOfRange(bytes, offset, offset + length));
                held += length;
                changed.signalAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            ended |= ends;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** There is a process now. The sink is closed by the thread that writes to it, so that none writes to another file of its number. */
    void begin(Sink sink) {
        Thread.ofPlatform().daemon().name("stdin").start(() -> deliver(sink));
    }

    /** The process has gone, or reads no more: what it did not take is dropped. */
    void abandon() {
        lock.lock();
        try {
            over = true;
            waiting.clear();
            held = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void deliver(Sink sink) {
        try (sink) {
            for (byte[] bytes = next(); bytes != null; bytes = next()) {
                sink.write(bytes);
            }
            if (!isOver()) {
                sink.end();
            }
        } catch (IOException e) {
            abandon();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private byte @Nullable [] next() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !ended && !over) {
                changed.await();
            }
            byte[] bytes = waiting.poll();
            if (bytes != null) {
                held -= bytes.length;
                changed.signalAll();
            }
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    private boolean isOver() {
        lock.lock();
        try {
            return over;
        } finally {
            lock.unlock();
        }
    }
}
