package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The health of a container, in the form of the Engine API.
 *
 * @param failingStreak how many probes have failed since the last that did not
 * @param log the last five results, the latest last; they outlive the runs of the container
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record Health(Status status, int failingStreak, List<Result> log) {
    /** Before the first probe. */
    static final Health STARTING = new Health(Status.STARTING, 0, List.of());

    private static final int KEPT = 5;

    /** What the results amount to. */
    public enum Status {
        STARTING,
        HEALTHY,
        UNHEALTHY;

        /** The name that the Engine API has for it. */
        @JsonValue
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What one probe found.
     *
     * @param exitCode 0 for healthy, -1 where the probe could not be made or was given up
     * @param output the beginning of what it printed, or why there is none
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Result(Instant start, Instant end, int exitCode, String output) {}

    /** As a new run begins. */
    Health startedAnew() {
        return new Health(Status.STARTING, 0, log);
    }

    /** While nobody probes, which dockerd calls unhealthy. */
    Health unwatched() {
        return new Health(Status.UNHEALTHY, failingStreak, log);
    }

    /**
     * With one more result.
     *
     * @param counts whether a failure counts
     * @param retries how many failures in a row are one too many
     */
    Health after(Result result, boolean counts, int retries) {
        List<Result> results = new ArrayList<>(log.subList(Math.max(0, log.size() - KEPT + 1), log.size()));
        results.add(result);
        if (result.exitCode() == 0) {
            return new Health(Status.HEALTHY, 0, results);
        }
        int streak = counts ? failingStreak + 1 : failingStreak;
        return new Health(counts && streak >= retries ? Status.UNHEALTHY : status, streak, results);
    }
}
