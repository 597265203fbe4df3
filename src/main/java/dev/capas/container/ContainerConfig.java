package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.capas.oci.RunConfig;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a container is, wherever it runs (Engine API v1.51, {@code ContainerConfig}). As in Go, a string that was not given is
 * empty, and a list or map that was not given stays null, which clients see.
 *
 * @param exposedPorts keys are {@code port/protocol}
 * @param env {@code NAME=value}; a name alone removes what the image has
 * @param image as its creator named it
 * @param volumes keys are paths
 * @param macAddress what was asked for in its main network
 * @param stopTimeout seconds between the stop signal and SIGKILL
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ContainerConfig(
        String hostname,
        String domainname,
        String user,
        boolean attachStdin,
        boolean attachStdout,
        boolean attachStderr,

        @Nullable @JsonInclude(JsonInclude.Include.NON_EMPTY)
        Map<String, Map<String, Object>> exposedPorts,

        boolean tty,
        boolean openStdin,
        boolean stdinOnce,
        @Nullable List<String> env,

        @Nullable @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        List<String> cmd,

        @JsonInclude(JsonInclude.Include.NON_NULL) RunConfig.@Nullable Health healthcheck,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean argsEscaped,
        String image,
        @Nullable Map<String, Map<String, Object>> volumes,
        String workingDir,

        @Nullable @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        List<String> entrypoint,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean networkDisabled,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String macAddress,
        @Nullable List<String> onBuild,
        @Nullable Map<String, String> labels,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String stopSignal,

        @Nullable @JsonInclude(JsonInclude.Include.NON_NULL) Integer stopTimeout,

        @Nullable
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        List<String> shell) {
    /** The same with an address of the link layer; itself where that is empty and it has none. */
    ContainerConfig withMacAddress(String address) {
        return address.equals(macAddress)
                ? this
                : new ContainerConfig(
                        hostname,
                        domainname,
                        user,
                        attachStdin,
                        attachStdout,
                        attachStderr,
                        exposedPorts,
                        tty,
                        openStdin,
                        stdinOnce,
                        env,
                        cmd,
                        healthcheck,
                        argsEscaped,
                        image,
                        volumes,
                        workingDir,
                        entrypoint,
                        networkDisabled,
                        address,
                        onBuild,
                        labels,
                        stopSignal,
                        stopTimeout,
                        shell);
    }

    /** A string that was not given is empty. */
    public ContainerConfig {
        hostname = Objects.requireNonNullElse(hostname, "");
        domainname = Objects.requireNonNullElse(domainname, "");
        user = Objects.requireNonNullElse(user, "");
        image = Objects.requireNonNullElse(image, "");
        workingDir = Objects.requireNonNullElse(workingDir, "");
        macAddress = Objects.requireNonNullElse(macAddress, "");
        stopSignal = Objects.requireNonNullElse(stopSignal, "");
    }
}
