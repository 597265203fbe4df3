package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.oci.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a container is run on this host (Engine API v1.51, {@code HostConfig}). As in Go, a number that was not given is 0, a
 * string is empty, and a list, map or pointer stays null, which clients see. Sizes are bytes.
 *
 * @param binds {@code source:target[:options]}
 * @param networkMode {@code default}, {@code none}, {@code host}, {@code container:<name>}, or a network
 * @param consoleSize height and width of the first terminal
 * @param cgroupnsMode {@code host}, {@code private} or empty
 * @param extraHosts {@code name:address}
 * @param ipcMode {@code none}, {@code private}, {@code shareable}, {@code host}, {@code container:<name>}
 * @param tmpfs mount options by path
 * @param runtime the name of the OCI runtime, empty for the default one
 * @param nanoCpus CPUs times 10^9
 * @param cpuPeriod microseconds
 * @param cpuQuota microseconds in each period
 * @param memorySwap memory and swap together; -1 for no limit
 * @param pidsLimit null, 0 or less for none
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record HostConfig(
        @Nullable List<String> binds,
        @JsonProperty("ContainerIDFile") String containerIdFile,
        LogConfig logConfig,
        String networkMode,
        @Nullable Map<String, @Nullable List<PortBinding>> portBindings,
        RestartPolicy restartPolicy,
        boolean autoRemove,
        String volumeDriver,
        @Nullable List<String> volumesFrom,

        @Nullable @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<Mount> mounts,

        List<Integer> consoleSize,

        @Nullable @JsonInclude(JsonInclude.Include.NON_EMPTY)
        Map<String, String> annotations,

        @Nullable List<String> capAdd,
        @Nullable List<String> capDrop,
        String cgroupnsMode,
        @Nullable List<String> dns,
        @Nullable List<String> dnsOptions,
        @Nullable List<String> dnsSearch,
        @Nullable List<String> extraHosts,
        @Nullable List<String> groupAdd,
        String ipcMode,
        String cgroup,
        @Nullable List<String> links,
        int oomScoreAdj,
        String pidMode,
        boolean privileged,
        boolean publishAllPorts,
        boolean readonlyRootfs,
        @Nullable List<String> securityOpt,

        @Nullable @JsonInclude(JsonInclude.Include.NON_EMPTY)
        Map<String, String> storageOpt,

        @Nullable @JsonInclude(JsonInclude.Include.NON_EMPTY)
        Map<String, String> tmpfs,

        @JsonProperty("UTSMode") String utsMode,
        String usernsMode,
        long shmSize,

        @Nullable @JsonInclude(JsonInclude.Include.NON_EMPTY)
        Map<String, String> sysctls,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) String runtime,
        @JsonProperty("Isolation") String isolation,
        long cpuShares,
        long memory,
        long nanoCpus,
        String cgroupParent,
        int blkioWeight,
        @Nullable List<WeightDevice> blkioWeightDevice,
        @Nullable List<ThrottleDevice> blkioDeviceReadBps,
        @Nullable List<ThrottleDevice> blkioDeviceWriteBps,

        @JsonProperty("BlkioDeviceReadIOps") @Nullable List<ThrottleDevice> blkioDeviceReadIops,

        @JsonProperty("BlkioDeviceWriteIOps") @Nullable List<ThrottleDevice> blkioDeviceWriteIops,

        long cpuPeriod,
        long cpuQuota,
        long cpuRealtimePeriod,
        long cpuRealtimeRuntime,
        String cpusetCpus,
        String cpusetMems,
        @Nullable List<DeviceMapping> devices,
        @Nullable List<String> deviceCgroupRules,
        @Nullable List<DeviceRequest> deviceRequests,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long kernelMemory,

        @JsonProperty("KernelMemoryTCP") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        long kernelMemoryTcp,

        long memoryReservation,
        long memorySwap,
        @Nullable Long memorySwappiness,
        @Nullable Boolean oomKillDisable,

        @Nullable @JsonInclude(JsonInclude.Include.NON_NULL) Boolean init,

        @Nullable Long pidsLimit,
        @Nullable List<Ulimit> ulimits,
        long cpuCount,
        long cpuPercent,
        @JsonProperty("IOMaximumIOps") long ioMaximumIops,
        @JsonProperty("IOMaximumBandwidth") long ioMaximumBandwidth,
        @Nullable List<String> maskedPaths,
        @Nullable List<String> readonlyPaths) {
    /** What was not given is Go's zero value. */
    public HostConfig {
        containerIdFile = Objects.requireNonNullElse(containerIdFile, "");
        logConfig = Objects.requireNonNullElse(logConfig, LogConfig.NONE);
        networkMode = Objects.requireNonNullElse(networkMode, "");
        restartPolicy = Objects.requireNonNullElse(restartPolicy, RestartPolicy.NONE);
        volumeDriver = Objects.requireNonNullElse(volumeDriver, "");
        consoleSize = consoleSize == null || consoleSize.size() != 2 ? List.of(0, 0) : consoleSize;
        cgroupnsMode = Objects.requireNonNullElse(cgroupnsMode, "");
        ipcMode = Objects.requireNonNullElse(ipcMode, "");
        cgroup = Objects.requireNonNullElse(cgroup, "");
        pidMode = Objects.requireNonNullElse(pidMode, "");
        utsMode = Objects.requireNonNullElse(utsMode, "");
        usernsMode = Objects.requireNonNullElse(usernsMode, "");
        runtime = Objects.requireNonNullElse(runtime, "");
        isolation = Objects.requireNonNullElse(isolation, "");
        cgroupParent = Objects.requireNonNullElse(cgroupParent, "");
        cpusetCpus = Objects.requireNonNullElse(cpusetCpus, "");
        cpusetMems = Objects.requireNonNullElse(cpusetMems, "");
    }

    /** A copy with some fields changed, by the names that the Engine API has for them. */
    public HostConfig with(Consumer<ObjectNode> change) {
        ObjectNode fields = Json.MAPPER.valueToTree(this);
        change.accept(fields);
        return Json.MAPPER.treeToValue(fields, HostConfig.class);
    }

    /** Which log driver, with its options. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record LogConfig(String type, @Nullable Map<String, String> config) {
        /** Neither is given. */
        public static final LogConfig NONE = new LogConfig("", null);

        /** A string that was not given is empty. */
        public LogConfig {
            type = Objects.requireNonNullElse(type, "");
        }
    }

    /** What happens after an exit: {@code no}, {@code always}, {@code unless-stopped}, {@code on-failure}. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record RestartPolicy(String name, int maximumRetryCount) {
        /** None is given. */
        public static final RestartPolicy NONE = new RestartPolicy("", 0);

        /** A string that was not given is empty. */
        public RestartPolicy {
            name = Objects.requireNonNullElse(name, "");
        }
    }

    /** Where a port is published; both may be empty. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record PortBinding(String hostIp, String hostPort) {
        /** A string that was not given is empty. */
        public PortBinding {
            hostIp = Objects.requireNonNullElse(hostIp, "");
            hostPort = Objects.requireNonNullElse(hostPort, "");
        }
    }

    /** The weight of a block device, 10 to 1000. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record WeightDevice(String path, int weight) {}

    /** Bytes or operations a second of a block device. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record ThrottleDevice(String path, long rate) {}

    /** A device of the host; the permissions are letters of {@code rwm}. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record DeviceMapping(String pathOnHost, String pathInContainer, String cgroupPermissions) {
        /** A string that was not given is empty. */
        public DeviceMapping {
            pathOnHost = Objects.requireNonNullElse(pathOnHost, "");
            pathInContainer = Objects.requireNonNullElse(pathInContainer, "");
            cgroupPermissions = Objects.requireNonNullElse(cgroupPermissions, "");
        }
    }

    /** Devices that a driver of the engine is to choose ({@code --gpus}). */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record DeviceRequest(
            String driver,
            int count,
            @JsonProperty("DeviceIDs") @Nullable List<String> deviceIds,
            @Nullable List<List<String>> capabilities,
            @Nullable Map<String, String> options) {
        /** A string that was not given is empty. */
        public DeviceRequest {
            driver = Objects.requireNonNullElse(driver, "");
        }
    }

    /** A resource limit of the processes, by its name without {@code RLIMIT_}; -1 for none. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Ulimit(String name, long hard, long soft) {
        /** A string that was not given is empty. */
        public Ulimit {
            name = Objects.requireNonNullElse(name, "");
        }
    }
}
