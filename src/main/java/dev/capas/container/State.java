package dev.capas.container;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a container at one moment.
 *
 * @param status where it is in its life
 * @param pid the number of its init in the daemon's pid namespace, 0 while it has none
 * @param exitCode of its last run, 0 before the first
 * @param error why its last start failed or its last run was lost; empty in the ordinary case
 * @param oomKilled whether the kernel killed in its last run for want of memory
 * @param startedAt when it was last started, null before the first time
 * @param finishedAt when it last ended, null before the first time
 */
public record State(
        Status status,
        int pid,
        int exitCode,
        String error,
        boolean oomKilled,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt) {
    /** Before the first start. */
    static final State CREATED = new State(Status.CREATED, 0, 0, "", false, null, null);

    /** Where a container is in its life; the names in lower case are those of the Engine API. */
    public enum Status {
        CREATED,
        RUNNING,
        PAUSED,
        RESTARTING,
        REMOVING,
        EXITED,
        DEAD;

        /** The name that the Engine API has for it. */
        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Whether it counts as running in Docker: also while it is paused or waits for its next start. */
    public boolean running() {
        return switch (status) {
            case RUNNING, PAUSED, RESTARTING -> true;
            case CREATED, REMOVING, EXITED, DEAD -> false;
        };
    }

    /** Whether its processes are frozen. */
    public boolean paused() {
        return status == Status.PAUSED;
    }

    /** Whether it has ended and will be started again. */
    public boolean restarting() {
        return status == Status.RESTARTING;
    }

    State started(int initPid, Instant at) {
        return new State(Status.RUNNING, initPid, 0, "", false, at, finishedAt);
    }

    State with(Status next) {
        return new State(next, pid, exitCode, error, oomKilled, startedAt, finishedAt);
    }

    State failed(int code, String message) {
        return new State(
                startedAt == null ? Status.CREATED : Status.EXITED, 0, code, message, false, startedAt, finishedAt);
    }

    State ended(Status next, int code, Instant at, boolean outOfMemory, String message) {
        return new State(next, 0, code, message, outOfMemory, startedAt, at);
    }
}
