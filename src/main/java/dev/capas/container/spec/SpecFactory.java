package dev.capas.container.spec;

import dev.capas.container.HostConfig;
import dev.capas.runtime.Spec;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes the specification of a container as Docker does, from its configuration and what the host has at that moment. */
@Component
public class SpecFactory {
    /** What a container may not see in {@code /proc} and {@code /sys}, unless its creator says otherwise. */
    public static final List<String> MASKED_PATHS = List.of(
            "/proc/asound",
            "/proc/acpi",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap");

    /** What a container may not write to, unless its creator says otherwise. */
    public static final List<String> READONLY_PATHS =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private static final String CGROUP_PARENT = "/docker";
    private static final String UNCONFINED = "unconfined";
    private static final String BUILTIN = "builtin";

    private record Filtered(SeccompProfile profile, List<String> capabilities) {}

    private final Latest<Filtered, Spec.@Nullable Seccomp> filters = new Latest<>();

    /** Why containers run without a seccomp profile here, in words for {@code Warnings} of {@code /info}; empty where they have one. */
    public static Optional<String> seccompMissing() {
        return SeccompProfile.defaultFile().isPresent()
                ? Optional.empty()
                : Optional.of("no seccomp profile is installed: containers can make every system call"
                        + " (apt-get install golang-github-containers-common)");
    }

    /**
     * The specification of a container whose root filesystem is mounted.
     *
     * @throws dev.capas.errdefs.EngineException for what the container or the host does not have, in Docker's words
     */
    public Spec create(SpecRequest request) throws IOException {
        HostConfig config = request.hostConfig();
        NamespaceModes modes = request.modes();
        Spec.Process process = ProcessSpec.init(request);
        Devices devices = Devices.of(config);
        Spec.Resources limits = Limits.resources(config);
        return new Spec(
                Spec.VERSION,
                process,
                new Spec.Root(request.root().toString(), config.readonlyRootfs()),
                modes.hostUts() ? null : request.hostname(),
                MountTable.of(request),
                config.annotations(),
                new Spec.Linux(
                        Sysctls.of(request.config().domainname(), config.sysctls(), modes),
                        new Spec.Resources(
                                devices.rules(), limits.memory(), limits.cpu(), limits.pids(), limits.blockIO()),
                        cgroupsPath(request),
                        modes.namespaces(),
                        devices.nodes(),
                        seccomp(config, process.capabilities().bounding()),
                        Propagation.ofRoot(request.mounts()),
                        config.maskedPaths(),
                        config.readonlyPaths()));
    }

    private static String cgroupsPath(SpecRequest request) {
        String parent = request.hostConfig().cgroupParent();
        return (parent.isEmpty() ? CGROUP_PARENT : parent) + '/' + request.id();
    }

    private Spec.@Nullable Seccomp seccomp(HostConfig config, List<String> capabilities) throws IOException {
        @Nullable String asked = SecurityOptions.of(config.securityOpt()).seccomp();
        if (UNCONFINED.equals(asked) || asked == null && config.privileged()) {
            return null;
        }
        return asked == null || BUILTIN.equals(asked)
                ? SeccompProfile.defaultProfile()
                        .map(profile -> filters.get(
                                new Filtered(profile, capabilities), of -> of.profile.filter(of.capabilities)))
                        .orElse(null)
                : SeccompProfile.parse(asked).filter(capabilities);
    }
}
