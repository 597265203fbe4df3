package dev.capas.container;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a client wants of a log.
 *
 * @param stdout whether standard output is wanted
 * @param stderr whether standard error is wanted
 * @param since nothing older, null for no limit
 * @param until nothing younger, null for no limit
 * @param tail how many entries from the end, counted over both streams before any other choice; negative for all
 * @param timestamps whether each entry begins with its time
 * @param details whether the labels and variables that the log options name follow
 * @param follow whether to wait for more until the container stops
 */
public record LogOptions(
        boolean stdout,
        boolean stderr,
        @Nullable Instant since,
        @Nullable Instant until,
        long tail,
        boolean timestamps,
        boolean details,
        boolean follow) {
    /** All that there is now, of the chosen streams. */
    static LogOptions all(boolean stdout, boolean stderr) {
        return new LogOptions(stdout, stderr, null, null, -1, false, false, false);
    }
}
