package dev.capas.container.spec;

import dev.capas.container.HostConfig;
import dev.capas.container.HostConfig.ThrottleDevice;
import dev.capas.container.HostConfig.Ulimit;
import dev.capas.errdefs.EngineException;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import dev.capas.runtime.Spec;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a container may use: the limits of its cgroup, and those of its processes. */
public final class Limits {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    /** In microseconds; what {@code NanoCpus} is measured in. */
    private static final long PERIOD = 100_000;

    private static final BigInteger UNLIMITED = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    /** In the order of their numbers ({@code getrlimit(2)}). */
    private static final List<String> RLIMITS = List.of(
            "CPU",
            "FSIZE",
            "DATA",
            "STACK",
            "CORE",
            "RSS",
            "NPROC",
            "NOFILE",
            "MEMLOCK",
            "AS",
            "LOCKS",
            "SIGPENDING",
            "MSGQUEUE",
            "NICE",
            "RTPRIO",
            "RTTIME");

    private Limits() {}

    /**
     * The limits of the cgroup; those of devices are not among them, so that it serves an update as well.
     *
     * @throws EngineException for a block device that is not there
     */
    public static Spec.Resources resources(HostConfig config) {
        return new Spec.Resources(null, memory(config), cpu(config), pids(config), blockIo(config));
    }

    /** The same for a container that runs: what has no limit any more has one of -1. */
    public static Spec.Resources update(HostConfig config) {
        Spec.Resources limits = resources(config);
        return config.pidsLimit() == null || config.pidsLimit() > 0
                ? limits
                : new Spec.Resources(null, limits.memory(), limits.cpu(), new Spec.Pids(-1), limits.blockIO());
    }

    private static Spec.Memory memory(HostConfig config) {
        @Nullable Long swappiness = config.memorySwappiness();
        return new Spec.Memory(
                positive(config.memory()),
                positive(config.memoryReservation()),
                positive(swap(config)),
                positive(config.kernelMemoryTcp()),
                swappiness == null || swappiness < 0 ? null : swappiness,
                Boolean.TRUE.equals(config.oomKillDisable()));
    }

    /** Memory and swap together: as much swap as memory unless something else was asked for. */
    private static long swap(HostConfig config) {
        return config.memory() > 0 && config.memorySwap() == 0 ? config.memory() * 2 : config.memorySwap();
    }

    private static Spec.@Nullable Cpu cpu(HostConfig config) {
        boolean whole = config.nanoCpus() > 0;
        Spec.Cpu cpu = new Spec.Cpu(
                positive(config.cpuShares()),
                whole ? Long.valueOf(config.nanoCpus() * PERIOD / NANOS_PER_SECOND) : nonZero(config.cpuQuota()),
                whole ? Long.valueOf(PERIOD) : positive(config.cpuPeriod()),
                nonZero(config.cpuRealtimeRuntime()),
                positive(config.cpuRealtimePeriod()),
                config.cpusetCpus().isEmpty() ? null : config.cpusetCpus(),
                config.cpusetMems().isEmpty() ? null : config.cpusetMems());
        return cpu.equals(new Spec.Cpu(null, null, null, null, null, null, null)) ? null : cpu;
    }

    private static Spec.@Nullable Pids pids(HostConfig config) {
        return config.pidsLimit() == null || config.pidsLimit() <= 0 ? null : new Spec.Pids(config.pidsLimit());
    }

    private static Spec.BlockIo blockIo(HostConfig config) {
        List<Spec.WeightDevice> weights = new ArrayList<>();
        for (HostConfig.WeightDevice one :
                config.blkioWeightDevice() == null ? List.<HostConfig.WeightDevice>of() : config.blkioWeightDevice()) {
            Stat device = device(one.path());
            weights.add(new Spec.WeightDevice(device.rdevMajor(), device.rdevMinor(), one.weight()));
        }
        return new Spec.BlockIo(
                config.blkioWeight() == 0 ? null : config.blkioWeight(),
                weights,
                throttles(config.blkioDeviceReadBps()),
                throttles(config.blkioDeviceWriteBps()),
                throttles(config.blkioDeviceReadIops()),
                throttles(config.blkioDeviceWriteIops()));
    }

    private static List<Spec.ThrottleDevice> throttles(@Nullable List<ThrottleDevice> devices) {
        List<Spec.ThrottleDevice> throttles = new ArrayList<>();
        for (ThrottleDevice one : devices == null ? List.<ThrottleDevice>of() : devices) {
            Stat device = device(one.path());
            throttles.add(new Spec.ThrottleDevice(device.rdevMajor(), device.rdevMinor(), one.rate()));
        }
        return throttles;
    }

    private static Stat device(String path) {
        try (Fd fd = Fd.open(Path.of(path), Fd.O_PATH, 0)) {
            return fd.stat();
        } catch (LinuxException e) {
            throw EngineException.system("stat " + path + ": " + e.reason(), e);
        }
    }

    /**
     * The limits of the processes.
     *
     * @throws EngineException for a name that Linux does not have, and a soft limit above the hard one
     */
    static List<Spec.Rlimit> rlimits(@Nullable List<Ulimit> ulimits) {
        List<Spec.Rlimit> rlimits = new ArrayList<>();
        for (Ulimit ulimit : ulimits == null ? List.<Ulimit>of() : ulimits) {
            String name = ulimit.name().toUpperCase(Locale.ROOT);
            if (!RLIMITS.contains(name)) {
                throw RuntimeRefusal.of("wrong rlimit value: RLIMIT_" + name);
            }
            BigInteger hard = unsigned(ulimit.hard());
            BigInteger soft = unsigned(ulimit.soft());
            if (soft.compareTo(hard) > 0) {
                throw RuntimeRefusal.ofInit("error setting rlimits for ready process: error setting rlimit type "
                        + RLIMITS.indexOf(name) + ": invalid argument");
            }
            rlimits.add(new Spec.Rlimit("RLIMIT_" + name, hard, soft));
        }
        return rlimits;
    }

    private static BigInteger unsigned(long limit) {
        return limit < 0 ? BigInteger.valueOf(limit).and(UNLIMITED) : BigInteger.valueOf(limit);
    }

    private static @Nullable Long positive(long number) {
        return number > 0 ? number : null;
    }

    private static @Nullable Long nonZero(long number) {
        return number == 0 ? null : number;
    }
}
