package dev.capas.container;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The state of a container in Docker's words for people: "Up 2 minutes (Paused)", "Exited (0) 3 seconds ago". */
public final class StatusText {
    private StatusText() {}

    static String of(State state, @Nullable Health health, Instant now) {
        return switch (state.status()) {
            case CREATED -> "Created";
            case RUNNING ->
                "Up " + since(state.startedAt(), now) + (health == null ? "" : " (" + text(health.status()) + ")");
            case PAUSED -> "Up " + since(state.startedAt(), now) + " (Paused)";
            case RESTARTING -> "Restarting (" + state.exitCode() + ") " + since(state.finishedAt(), now) + " ago";
            case REMOVING -> "Removal In Progress";
            case DEAD -> "Dead";
            case EXITED -> "Exited (" + state.exitCode() + ") " + since(state.finishedAt(), now) + " ago";
        };
    }

    private static String text(Health.Status health) {
        return health == Health.Status.STARTING ? "health: starting" : health.text();
    }

    private static String since(@Nullable Instant then, Instant now) {
        return then == null ? "" : text(Duration.between(then, now));
    }

    /** The rough length of a time, as Docker's tools all have it. */
    public static String text(Duration duration) {
        long seconds = duration.toSeconds();
        long minutes = duration.toMinutes();
        long hours = Math.round(duration.toMillis() / 3_600_000.0);
        if (seconds < 1) {
            return "Less than a second";
        } else if (seconds == 1) {
            return "1 second";
        } else if (seconds < 60) {
            return seconds + " seconds";
        } else if (minutes == 1) {
            return "About a minute";
        } else if (minutes < 60) {
            return minutes + " minutes";
        } else if (hours == 1) {
            return "About an hour";
        } else if (hours < 48) {
            return hours + " hours";
        } else if (hours < 24 * 7 * 2) {
            return hours / 24 + " days";
        } else if (hours < 24 * 30 * 2) {
            return hours / 24 / 7 + " weeks";
        } else if (hours < 24 * 365 * 2) {
            return hours / 24 / 30 + " months";
        }
        return duration.toHours() / 24 / 365 + " years";
    }
}
