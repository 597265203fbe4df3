package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The answer to {@code GET /info}.
 *
 * @param id a UUID that stays with the data root
 * @param nFd open file descriptors of the daemon
 * @param nGoroutines its threads, which Docker's are not
 * @param systemTime RFC 3339 with nanoseconds
 * @param memTotal bytes
 * @param warnings what this place does not allow, in words for people; null where there is nothing to say
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record SystemInfo(
        @JsonProperty("ID") String id,
        int containers,
        int containersRunning,
        int containersPaused,
        int containersStopped,
        int images,
        String driver,
        List<List<String>> driverStatus,
        Plugins plugins,
        boolean memoryLimit,
        boolean swapLimit,
        @JsonProperty("KernelMemoryTCP") boolean kernelMemoryTcp,
        boolean cpuCfsPeriod,
        boolean cpuCfsQuota,
        @JsonProperty("CPUShares") boolean cpuShares,
        @JsonProperty("CPUSet") boolean cpuSet,
        boolean pidsLimit,
        @JsonProperty("IPv4Forwarding") boolean ipv4Forwarding,
        boolean debug,
        @JsonProperty("NFd") int nFd,
        boolean oomKillDisable,
        @JsonProperty("NGoroutines") int nGoroutines,
        String systemTime,
        String loggingDriver,
        String cgroupDriver,
        String cgroupVersion,
        @JsonProperty("NEventsListener") int nEventsListener,
        String kernelVersion,
        String operatingSystem,
        @JsonProperty("OSVersion") String osVersion,
        @JsonProperty("OSType") String osType,
        String architecture,
        String indexServerAddress,
        RegistryConfig registryConfig,
        @JsonProperty("NCPU") int nCpu,
        long memTotal,
        @Nullable List<Object> genericResources,
        String dockerRootDir,
        String httpProxy,
        String httpsProxy,
        String noProxy,
        String name,
        List<String> labels,
        boolean experimentalBuild,
        String serverVersion,
        Map<String, Runtime> runtimes,
        String defaultRuntime,
        Swarm swarm,
        boolean liveRestoreEnabled,
        @JsonProperty("Isolation") String isolation,
        String initBinary,
        Commit containerdCommit,
        Commit runcCommit,
        Commit initCommit,
        List<String> securityOptions,
        @JsonProperty("CDISpecDirs") List<String> cdiSpecDirs,
        @Nullable List<String> warnings) {
    /** The kinds of volumes, networks and logs that the engine has. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Plugins(
            List<String> volume,
            List<String> network,
            @Nullable List<String> authorization,
            List<String> log) {}

    /** Which registries are asked how. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record RegistryConfig(
            Map<String, Index> indexConfigs,
            @JsonProperty("InsecureRegistryCIDRs") List<String> insecureRegistryCidrs,
            @Nullable List<String> mirrors) {}

    /** One registry; secure means TLS with a certificate that verifies. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Index(List<String> mirrors, String name, boolean official, boolean secure) {}

    /** An OCI runtime. */
    public record Runtime(@JsonProperty("path") String path) {}

    /** Capas is never part of a swarm. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Swarm(
            @JsonProperty("NodeID") String nodeId,
            String nodeAddr,
            String localNodeState,
            boolean controlAvailable,
            String error,
            @Nullable List<String> remoteManagers) {
        static final Swarm INACTIVE = new Swarm("", "", "inactive", false, "", null);
    }

    /** The version of a program that the engine starts. */
    public record Commit(@JsonProperty("ID") String id) {}

    /** The state outside a swarm. */
    public static Swarm inactiveSwarm() {
        return Swarm.INACTIVE;
    }
}
