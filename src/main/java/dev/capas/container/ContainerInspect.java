package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * All that clients may know of a container ({@code ContainerInspectResponse}, Engine API 1.51).
 *
 * @param path the program
 * @param name with a slash before it
 * @param sizeRw bytes that it has written, null where not asked for
 * @param sizeRootFs those and the bytes of its image, null where not asked for
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ContainerInspect(
        String id,
        Instant created,
        String path,
        List<String> args,
        InspectedState state,
        String image,
        String resolvConfPath,
        String hostnamePath,
        String hostsPath,
        String logPath,
        String name,
        int restartCount,
        String driver,
        String platform,
        String mountLabel,
        String processLabel,
        String appArmorProfile,
        @JsonProperty("ExecIDs") @Nullable List<String> execIds,
        HostConfig hostConfig,
        GraphDriver graphDriver,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long sizeRw,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long sizeRootFs,
        List<MountPoint.Shown> mounts,
        ContainerConfig config,
        NetworkSettings networkSettings) {
    /** As older clients expect it: the aliases of networks that somebody made have the short ID and the hostname among them. */
    public ContainerInspect withNamesAsAliases() {
        return new ContainerInspect(
                id,
                created,
                path,
                args,
                state,
                image,
                resolvConfPath,
                hostnamePath,
                hostsPath,
                logPath,
                name,
                restartCount,
                driver,
                platform,
                mountLabel,
                processLabel,
                appArmorProfile,
                execIds,
                hostConfig,
                graphDriver,
                sizeRw,
                sizeRootFs,
                mounts,
                config,
                networkSettings.withNamesAsAliases());
    }

    /** How the root filesystem comes about; clients read {@code MergedDir}. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record GraphDriver(Map<String, String> data, String name) {}

    /** The state in the form of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record InspectedState(
            String status,
            boolean running,
            boolean paused,
            boolean restarting,
            @JsonProperty("OOMKilled") boolean oomKilled,
            boolean dead,
            int pid,
            int exitCode,
            String error,
            Instant startedAt,
            Instant finishedAt,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Health health) {
        private static final Instant NEVER = Instant.parse("0001-01-01T00:00:00Z");

        static InspectedState of(State state, @Nullable Health health) {
            return new InspectedState(
                    state.status().text(),
                    state.running(),
                    state.paused(),
                    state.restarting(),
                    state.oomKilled(),
                    state.status() == State.Status.DEAD,
                    state.pid(),
                    state.exitCode(),
                    state.error(),
                    state.startedAt() == null ? NEVER : state.startedAt(),
                    state.finishedAt() == null ? NEVER : state.finishedAt(),
                    health);
        }
    }
}
