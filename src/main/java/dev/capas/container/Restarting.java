package dev.capas.container;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Whether and when a container that has ended is started again. The pause doubles from 100 ms to a minute and begins anew where
 * a run lasted ten seconds.
 */
@Component
class Restarting {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration SOUND = Duration.ofSeconds(10);

    private final Map<String, Duration> pauses = new ConcurrentHashMap<>();
    private final Set<String> byClient = ConcurrentHashMap.newKeySet();

    /** The pause before the next start; empty where it stays as it is. */
    Optional<Duration> after(Container container, int exitCode, Duration ran) {
        if (byClient(container) || !wanted(container, exitCode)) {
            return Optional.empty();
        }
        Duration last = pauses.get(container.id());
        Duration next = last == null || ran.compareTo(SOUND) >= 0 ? FIRST : last.multipliedBy(2);
        next = next.compareTo(LONGEST) > 0 ? LONGEST : next;
        pauses.put(container.id(), next);
        return Optional.of(next);
    }

    private static boolean wanted(Container container, int exitCode) {
        HostConfig.RestartPolicy policy = container.hostConfig().restartPolicy();
        if (container.stoppedByHand()) {
            return false;
        }
        return switch (policy.name()) {
            case "always", "unless-stopped" -> true;
            case "on-failure" ->
                exitCode != 0
                        && (policy.maximumRetryCount() == 0 || container.restartCount() < policy.maximumRetryCount());
            default -> false;
        };
    }

    /** A client starts the container: the count and the pause begin anew. */
    void reset(Container container) {
        pauses.remove(container.id());
        container.setRestartCount(0);
        container.setStoppedByHand(false);
    }

    /** A client stops the container to start it at once: neither its policy nor its automatic removal applies meanwhile. */
    void begin(Container container) {
        byClient.add(container.id());
    }

    /** That start is over. */
    void end(Container container) {
        byClient.remove(container.id());
    }

    /** Whether it is between the stop and the start of a client's restart. */
    boolean byClient(Container container) {
        return byClient.contains(container.id());
    }
}
