package dev.capas.container;

import java.time.Duration;
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

    private final Set<String> byClient = ConcurrentHashMap.newKeySet();

    /** The pause before the next start, which is counted here; empty where it stays as it is. */
    Optional<Duration> after(Container container, int exitCode, Duration ran) {
        if (byClient(container) || container.restartsOff() || !wanted(container, exitCode)) {
            return Optional.empty();
        }
        Duration last = ran.compareTo(SOUND) >= 0 ? Duration.ZERO : container.restartPause();
        Duration next = last.isZero() ? FIRST : last.multipliedBy(2);
        next = next.compareTo(LONGEST) > 0 ? LONGEST : next;
        container.setRestartPause(next);
        container.setRestartCount(container.restartCount() + 1);
        return Optional.of(next);
    }

    /** Whether the policy of a container asks for another run after one that ended so. */
    boolean wanted(Container container, int exitCode) {
        HostConfig.RestartPolicy policy = container.hostConfig().restartPolicy();
        return switch (policy.name()) {
            case "always" -> true;
            case "unless-stopped" -> !container.stoppedByHand();
            case "on-failure" ->
                exitCode != 0
                        && (policy.maximumRetryCount() == 0 || container.restartCount() < policy.maximumRetryCount());
            default -> false;
        };
    }

    /** A client or a new daemon starts the container: the count and the pause begin anew. */
    void reset(Container container) {
        container.setRestartPause(Duration.ZERO);
        container.setRestartsOff(false);
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
