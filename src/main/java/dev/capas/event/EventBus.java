package dev.capas.event;

import dev.capas.filter.Filters;
import dev.capas.filter.Visibility;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Where everything that happens in the engine is told. The last 256 events are kept for clients that ask for the past, as
 * dockerd does. Publishing never waits for a subscriber.
 */
@Component
public class EventBus {
    private static final int KEPT = 256;

    private final Deque<Event> past = new ArrayDeque<>(KEPT);
    private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
    private Instant last = Instant.EPOCH;

    /**
     * Tells what happened; within a transaction only after its commit, and not at all where it is rolled back.
     *
     * @param type container, image, volume, network or daemon
     * @param action the verb, for example {@code create}
     * @param actorId the ID of what it happened to
     * @param attributes what else is known of it: name, image, labels
     */
    public void publish(String type, String action, String actorId, Map<String, String> attributes) {
        publish(type, action, actorId, attributes, Map.of());
    }

    /**
     * The same of an object that has labels.
     *
     * @param labels those who see only what has certain labels are told where it has them
     */
    public void publish(
            String type, String action, String actorId, Map<String, String> attributes, Map<String, String> labels) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            tell(type, action, actorId, attributes, labels);
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                tell(type, action, actorId, attributes, labels);
            }
        });
    }

    private synchronized void tell(
            String type, String action, String actorId, Map<String, String> attributes, Map<String, String> labels) {
        Instant now = Instant.now();
        last = now.isAfter(last) ? now : last.plusNanos(1);
        Event event = Event.of(type, action, actorId, attributes, labels, last);
        if (past.size() == KEPT) {
            past.removeFirst();
        }
        past.addLast(event);
        subscriptions.forEach(subscription -> subscription.offer(event));
    }

    /**
     * Subscribes to what happens from now on. Where {@code since} or {@code until} is given, {@link Subscription#past()} has
     * what is remembered of the time between them; nothing is lost or told twice between the two.
     *
     * @param filters the filters of {@code GET /events}
     */
    public synchronized Subscription subscribe(@Nullable Instant since, @Nullable Instant until, Filters filters) {
        EventFilter filter = new EventFilter(filters, Visibility.current());
        List<Event> before = new ArrayList<>();
        if (since != null || until != null) {
            for (Event event : past) {
                boolean late = until != null && event.at().isAfter(until);
                if (!late && (since == null || !event.at().isBefore(since)) && filter.includes(event)) {
                    before.add(event);
                }
            }
        }
        Subscription subscription = new Subscription(filter, before, subscriptions::remove);
        subscriptions.add(subscription);
        return subscription;
    }

    /** How many clients listen ({@code NEventsListener} of {@code /info}). */
    public int subscribers() {
        return subscriptions.size();
    }
}
