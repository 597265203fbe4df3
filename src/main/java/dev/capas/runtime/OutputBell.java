package dev.capas.runtime;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** A listener who is only told that there was something. */
final class OutputBell implements StreamHub.Bell, Listener {
    private final Consumer<Listener> unsubscribe;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean rung;
    private boolean ended;

    OutputBell(Consumer<Listener> unsubscribe) {
        this.unsubscribe = unsubscribe;
    }

    @Override
    public boolean put(StreamHub.Chunk chunk) {
        lock.lock();
        try {
            rung = true;
            changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!rung && !ended) {
                changed.await();
            }
            rung = false;
            return !ended;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        unsubscribe.accept(this);
        end();
    }
}
