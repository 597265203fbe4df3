package dev.capas.runtime;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The {@code config.json} of a bundle (OCI runtime specification 1.2, "Configuration"), as far as the engine uses it. What is
 * null or empty is left out.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Spec(
        String ociVersion,
        Process process,
        Root root,
        @Nullable String hostname,
        List<Mount> mounts,
        @Nullable Map<String, String> annotations,
        Linux linux) {
    /** The version of the specification that a bundle is written for. */
    public static final String VERSION = "1.0.2";

    /** The annotation by which crun takes a seccomp filter that is compiled already (crun(1), "run.oci.seccomp_bpf_data"). */
    private static final String COMPILED_FILTER = "run.oci.seccomp_bpf_data";

    /** This, with its seccomp section compiled (base64); other runtimes compile the section themselves. */
    public Spec withCompiledFilter(String filter) {
        Map<String, String> all = new TreeMap<>(annotations == null ? Map.of() : annotations);
        all.put(COMPILED_FILTER, filter);
        return new Spec(ociVersion, process, root, hostname, mounts, all, linux);
    }

    /**
     * A process of the container, its init or a further one.
     *
     * @param cwd is made where it does not exist
     * @param oomScoreAdj -1000 to 1000; null to inherit
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Process(
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean terminal,
            @Nullable Box consoleSize,
            User user,
            List<String> args,
            List<String> env,
            String cwd,
            @Nullable Capabilities capabilities,
            @Nullable List<Rlimit> rlimits,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean noNewPrivileges,
            @Nullable String apparmorProfile,
            @Nullable Integer oomScoreAdj) {
        /** The same with another environment. */
        public Process with(List<String> environment) {
            return new Process(
                    terminal,
                    consoleSize,
                    user,
                    args,
                    environment,
                    cwd,
                    capabilities,
                    rlimits,
                    noNewPrivileges,
                    apparmorProfile,
                    oomScoreAdj);
        }
    }

    /** The size of a terminal in characters. */
    public record Box(int height, int width) {}

    /** The primary group is among the additional ones too. */
    public record User(long uid, long gid, List<Long> additionalGids) {}

    /** Sets of capabilities by their names with {@code CAP_}. */
    public record Capabilities(List<String> bounding, List<String> effective, List<String> permitted) {}

    /** A limit by its name with {@code RLIMIT_}; the numbers are unsigned, the largest of 64 bits stands for none. */
    public record Rlimit(String type, BigInteger hard, BigInteger soft) {}

    /** The root filesystem. */
    public record Root(
            String path,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean readonly) {}

    /** Something mounted, in this order. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Mount(String destination, String type, String source, List<String> options) {
        /** The same with other options. */
        public Mount with(List<String> others) {
            return new Mount(destination, type, source, others);
        }
    }

    /** What only Linux has. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Linux(
            @Nullable Map<String, String> sysctl,
            Resources resources,
            String cgroupsPath,
            List<Namespace> namespaces,
            @Nullable List<Device> devices,
            @Nullable Seccomp seccomp,
            @Nullable String rootfsPropagation,
            @Nullable List<String> maskedPaths,
            @Nullable List<String> readonlyPaths) {
        /** The same with other limits. */
        public Linux with(Resources others) {
            return new Linux(
                    sysctl,
                    others,
                    cgroupsPath,
                    namespaces,
                    devices,
                    seccomp,
                    rootfsPropagation,
                    maskedPaths,
                    readonlyPaths);
        }
    }

    /** A namespace that is made, or joined where there is a path. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Namespace(String type, @Nullable String path) {}

    /** A device node that is made. */
    public record Device(String path, String type, long major, long minor, int fileMode, long uid, long gid) {}

    /** Limits of the cgroup; also what {@code update} takes. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Resources(
            @Nullable List<DeviceRule> devices,
            @Nullable Memory memory,
            @Nullable Cpu cpu,
            @Nullable Pids pids,
            @Nullable BlockIo blockIO) {}

    /** A line of the device controller; null numbers and types match all. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DeviceRule(
            boolean allow,
            @Nullable String type,
            @Nullable Long major,
            @Nullable Long minor,
            String access) {}

    /** Bytes. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Memory(
            @Nullable Long limit,
            @Nullable Long reservation,
            @Nullable Long swap,
            @Nullable Long kernelTCP,
            @Nullable Long swappiness,
            @Nullable Boolean disableOOMKiller) {}

    /** Periods and quotas are microseconds. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cpu(
            @Nullable Long shares,
            @Nullable Long quota,
            @Nullable Long period,
            @Nullable Long realtimeRuntime,
            @Nullable Long realtimePeriod,
            @Nullable String cpus,
            @Nullable String mems) {}

    /** The number of tasks. */
    public record Pids(long limit) {}

    /** Rates are bytes or operations a second. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record BlockIo(
            @Nullable Integer weight,
            @Nullable List<WeightDevice> weightDevice,
            @Nullable List<ThrottleDevice> throttleReadBpsDevice,
            @Nullable List<ThrottleDevice> throttleWriteBpsDevice,
            @Nullable List<ThrottleDevice> throttleReadIOPSDevice,
            @Nullable List<ThrottleDevice> throttleWriteIOPSDevice) {}

    /** The weight of one block device. */
    public record WeightDevice(long major, long minor, int weight) {}

    /** The rate of one block device. */
    public record ThrottleDevice(long major, long minor, long rate) {}

    /** The filter of system calls. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Seccomp(
            String defaultAction,
            @Nullable Integer defaultErrnoRet,
            @Nullable List<String> architectures,
            @Nullable List<String> flags,
            @Nullable String listenerPath,
            @Nullable String listenerMetadata,
            @Nullable List<Syscall> syscalls) {}

    /** A rule of the filter. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Syscall(
            List<String> names,
            String action,
            @Nullable Integer errnoRet,
            @Nullable List<SyscallArg> args) {}

    /** A condition of a rule; the values are unsigned. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SyscallArg(
            int index, BigInteger value, @Nullable BigInteger valueTwo, String op) {
        /** A second value of zero is none. */
        public SyscallArg {
            valueTwo = valueTwo == null || valueTwo.signum() == 0 ? null : valueTwo;
        }
    }
}
