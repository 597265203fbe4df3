package dev.capas.event;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The events that one client has asked for. A client that reads too slowly loses its subscription and holds up nobody. */
public final class Subscription implements AutoCloseable {
    private static final int BUFFERED = 1024;

    private final EventFilter filter;
    private final List<Event> past;
    private final Consumer<Subscription> unsubscribe;
    private final BlockingQueue<Event> waiting = new ArrayBlockingQueue<>(BUFFERED);
    private volatile boolean cut;

    Subscription(EventFilter filter, List<Event> past, Consumer<Subscription> unsubscribe) {
        this.filter = filter;
        this.past = List.copyOf(past);
        this.unsubscribe = unsubscribe;
    }

    void offer(Event event) {
        if (!cut && filter.includes(event) && !waiting.offer(event)) {
            cut = true;
            close();
        }
    }

    /** What happened before the subscription and was asked for, oldest first. */
    public List<Event> past() {
        return past;
    }

    /** Waits for the next event, null if none came in time. */
    public @Nullable Event next(Duration timeout) throws InterruptedException {
        return waiting.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Whether the client was too slow: what is left in {@link #next} comes still, what came after it is lost. */
    public boolean isCut() {
        return cut;
    }

    @Override
    public void close() {
        unsubscribe.accept(this);
    }
}
