package dev.capas.oci;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a container of an image starts from unless its creator says otherwise (OCI image specification, "Image Configuration",
 * property {@code config}, with Docker's extensions). Every component is null where the configuration does not have it.
 *
 * @param exposedPorts keys are {@code port/protocol}, values empty objects
 * @param volumes keys are paths, values empty objects
 * @param onBuild instructions for builds on top of the image
 * @param shell that the shell form of commands uses
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunConfig(
        @Nullable String user,
        @Nullable Map<String, Map<String, Object>> exposedPorts,
        @Nullable List<String> env,

        @Nullable @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        List<String> entrypoint,

        @Nullable @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        List<String> cmd,

        @Nullable Map<String, Map<String, Object>> volumes,
        @Nullable String workingDir,
        @Nullable Map<String, String> labels,
        @Nullable String stopSignal,
        @Nullable Boolean argsEscaped,
        @Nullable Health healthcheck,
        @Nullable List<String> onBuild,

        @Nullable @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        List<String> shell) {
    /** A configuration that says nothing. */
    public static final RunConfig EMPTY =
            new RunConfig(null, null, null, null, null, null, null, null, null, null, null, null, null);

    /**
     * How the health of a container is probed; null means what is inherited or the default.
     *
     * @param test {@code ["NONE"]}, {@code ["CMD", …]} or {@code ["CMD-SHELL", command]}
     * @param interval between two probes in nanoseconds
     * @param timeout of a probe in nanoseconds
     * @param startPeriod during which failures do not count, in nanoseconds
     * @param startInterval between two probes in the start period, in nanoseconds
     * @param retries consecutive failures that make a container unhealthy
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Health(
            @Nullable List<String> test,
            @Nullable Long interval,
            @Nullable Long timeout,
            @Nullable Long startPeriod,
            @Nullable Long startInterval,
            @Nullable Integer retries) {
        /** What is empty or zero is not said. */
        public Health {
            test = test == null || test.isEmpty() ? null : test;
            interval = said(interval);
            timeout = said(timeout);
            startPeriod = said(startPeriod);
            startInterval = said(startInterval);
            retries = retries == null || retries == 0 ? null : retries;
        }

        private static @Nullable Long said(@Nullable Long nanoseconds) {
            return nanoseconds == null || nanoseconds == 0 ? null : nanoseconds;
        }
    }
}
