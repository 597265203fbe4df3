package dev.capas.container;

import dev.capas.oci.RunConfig;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the health of a container is probed, with dockerd's defaults in place.
 *
 * @param command what is executed in the container
 * @param interval between the end of a probe and the next
 * @param startPeriod of a run, in which failures do not count
 * @param startInterval instead of the interval, in the start period and until a probe has succeeded
 * @param retries how many failures in a row make the container unhealthy
 */
record Healthcheck(
        List<String> command,
        Duration interval,
        Duration timeout,
        Duration startPeriod,
        Duration startInterval,
        int retries) {
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration START_INTERVAL = Duration.ofSeconds(5);
    private static final int RETRIES = 3;
    private static final List<String> SHELL = List.of("/bin/sh", "-c");

    /** The test of a container; empty where none is wanted, or none of a kind that there is. */
    static Optional<Healthcheck> of(ContainerConfig config) {
        RunConfig.Health health = config.healthcheck();
        if (health == null || health.test() == null) {
            return Optional.empty();
        }
        List<String> words = health.test();
        List<String> command = new ArrayList<>();
        switch (words.getFirst()) {
            case "CMD" -> {}
            case "CMD-SHELL" ->
                command.addAll(config.shell() == null || config.shell().isEmpty() ? SHELL : config.shell());
            default -> {
                return Optional.empty();
            }
        }
        command.addAll(words.subList(1, words.size()));
        return Optional.of(new Healthcheck(
                command,
                duration(health.interval(), INTERVAL),
                duration(health.timeout(), TIMEOUT),
                duration(health.startPeriod(), Duration.ZERO),
                duration(health.startInterval(), START_INTERVAL),
                Objects.requireNonNullElse(health.retries(), RETRIES)));
    }

    private static Duration duration(@Nullable Long nanoseconds, Duration otherwise) {
        return nanoseconds == null ? otherwise : Duration.ofNanos(nanoseconds);
    }

    /** The pause before the next probe of a run that began then. */
    Duration pause(Health.Status status, Instant started, Instant now) {
        return status == Health.Status.STARTING && inStartPeriod(started, now) ? startInterval : interval;
    }

    /** Whether a failure at this time counts. */
    boolean counts(Health.Status status, Instant started, Instant time) {
        return status != Health.Status.STARTING || !inStartPeriod(started, time);
    }

    /** What is said of a probe that took longer than its timeout, before what it printed. */
    String exceeded() {
        return "Health check exceeded timeout (" + text(timeout) + ")";
    }

    /** As Go writes it: {@code 300ms}, {@code 1m30s}. */
    private static String text(Duration duration) {
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            return decimal(BigDecimal.valueOf(duration.toNanos(), 6)) + "ms";
        }
        long hours = duration.toHours();
        long minutes = duration.toMinutes();
        return (hours > 0 ? hours + "h" : "")
                + (minutes > 0 ? duration.toMinutesPart() + "m" : "")
                + decimal(
                        BigDecimal.valueOf(duration.toSecondsPart()).add(BigDecimal.valueOf(duration.toNanosPart(), 9)))
                + "s";
    }

    private static String decimal(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }

    private boolean inStartPeriod(Instant started, Instant time) {
        return Duration.between(started, time).compareTo(startPeriod) < 0;
    }
}
