package dev.capas.container;

import dev.capas.errdefs.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What limits a container may have, at its creation and later (dockerd's rules and words). */
final class ResourceRules {
    private static final long MINIMUM_MEMORY = 6L << 20;
    private static final long NANO = 1_000_000_000L;
    private static final Path CPUS = Path.of("/sys/devices/system/cpu/online");
    private static final Path NODES = Path.of("/sys/devices/system/node/online");

    private static final boolean WEIGHTS = Files.exists(Path.of("/sys/fs/cgroup/blkio/blkio.weight"))
            || Files.exists(Path.of("/sys/fs/cgroup/io.weight"));

    private ResourceRules() {}

    /** Takes back what {@link #check} warned of. */
    static void discard(ObjectNode fields) {
        if (!WEIGHTS) {
            fields.put("BlkioWeight", 0);
            if (fields.path("BlkioWeightDevice").isArray()) {
                fields.putArray("BlkioWeightDevice");
            }
        }
        fields.put("CpuPercent", 0);
    }

    /**
     * Checks the limits.
     *
     * @param warnings takes what is accepted and has no effect on this host
     * @throws EngineException (400) for what cannot be right
     */
    static void check(HostConfig config, boolean update, List<String> warnings) {
        memory(config, update);
        swappiness(config.memorySwappiness());
        reservation(config);
        outOfMemory(config, warnings);
        cpus(config);
        cpuset("CPUs", "cpuset cpus", config.cpusetCpus(), CPUS);
        cpuset("memory nodes", "cpuset mems", config.cpusetMems(), NODES);
        blockIo(config, warnings);
    }

    private static void memory(HostConfig config, boolean update) {
        if (config.memory() != 0 && config.memory() < MINIMUM_MEMORY) {
            throw EngineException.invalidParameter("Minimum memory limit allowed is 6MB");
        }
        if (config.memory() > 0 && config.memorySwap() > 0 && config.memorySwap() < config.memory()) {
            throw EngineException.invalidParameter(
                    "Minimum memoryswap limit should be larger than memory limit, see usage");
        }
        if (config.memory() == 0 && config.memorySwap() > 0 && !update) {
            throw EngineException.invalidParameter(
                    "You should always set the Memory limit when using Memoryswap limit, see usage");
        }
    }

    private static void swappiness(@Nullable Long swappiness) {
        if (swappiness != null && (swappiness < -1 || swappiness > 100)) {
            throw EngineException.invalidParameter(
                    "Invalid value: " + swappiness + ", valid memory swappiness range is 0-100");
        }
    }

    private static void reservation(HostConfig config) {
        if (config.memoryReservation() > 0 && config.memoryReservation() < MINIMUM_MEMORY) {
            throw EngineException.invalidParameter("Minimum memory reservation allowed is 6MB");
        }
        if (config.memory() > 0 && config.memory() < config.memoryReservation()) {
            throw EngineException.invalidParameter(
                    "Minimum memory limit can not be less than memory reservation limit, see usage");
        }
    }

    private static void outOfMemory(HostConfig config, List<String> warnings) {
        if (config.oomScoreAdj() < -1000 || config.oomScoreAdj() > 1000) {
            throw EngineException.invalidParameter(
                    "Invalid value " + config.oomScoreAdj() + ", range for oom score adj is [-1000, 1000]");
        }
        if (Boolean.TRUE.equals(config.oomKillDisable()) && config.memory() == 0) {
            warnings.add("OOM killer is disabled for the container, but no memory limit is set, this can result in"
                    + " the system running out of resources.");
        }
    }

    private static void cpus(HostConfig config) {
        if (config.nanoCpus() > 0 && config.cpuPeriod() > 0) {
            throw EngineException.invalidParameter("Conflicting options: Nano CPUs and CPU Period cannot both be set");
        }
        if (config.nanoCpus() > 0 && config.cpuQuota() > 0) {
            throw EngineException.invalidParameter("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
        }
        int available = Runtime.getRuntime().availableProcessors();
        if (config.nanoCpus() < 0 || config.nanoCpus() > available * NANO) {
            throw EngineException.invalidParameter(String.format(
                    Locale.ROOT,
                    "range of CPUs is from 0.01 to %d.00, as there are only %d CPUs available",
                    available,
                    available));
        }
        if (config.cpuShares() < 0) {
            throw EngineException.invalidParameter(
                    "invalid CPU shares (" + config.cpuShares() + "): value must be a positive integer");
        }
        if (config.cpuPeriod() != 0 && (config.cpuPeriod() < 1000 || config.cpuPeriod() > 1_000_000)) {
            throw EngineException.invalidParameter(
                    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
        }
        if (config.cpuQuota() > 0 && config.cpuQuota() < 1000) {
            throw EngineException.invalidParameter("CPU cfs quota can not be less than 1ms (i.e. 1000)");
        }
    }

    private static void cpuset(String what, String field, String requested, Path file) {
        if (requested.isEmpty()) {
            return;
        }
        String available = online(file);
        BitSet wanted = numbers(requested, field);
        wanted.andNot(numbers(available, field));
        if (!wanted.isEmpty()) {
            throw EngineException.invalidParameter(
                    "Requested " + what + " are not available - requested " + requested + ", available: " + available);
        }
    }

    private static String online(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "0";
        }
    }

    /** The numbers of a list such as {@code 0-2,5}. */
    private static BitSet numbers(String list, String field) {
        BitSet numbers = new BitSet();
        for (String part : list.split(",", -1)) {
            String[] ends = part.split("-", -1);
            try {
                int first = Integer.parseInt(ends[0].strip());
                int last = ends.length == 1 ? first : Integer.parseInt(ends[1].strip());
                if (ends.length > 2 || first < 0 || last < first || last > 8192) {
                    throw new NumberFormatException(part);
                }
                numbers.set(first, last + 1);
            } catch (NumberFormatException e) {
                throw EngineException.invalidParameter(
                        "Invalid value " + list + " for " + field + ": invalid format: " + part);
            }
        }
        return numbers;
    }

    private static void blockIo(HostConfig config, List<String> warnings) {
        if (!WEIGHTS && config.blkioWeight() > 0) {
            warnings.add(
                    "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.");
        } else if (config.blkioWeight() != 0 && (config.blkioWeight() < 10 || config.blkioWeight() > 1000)) {
            throw EngineException.invalidParameter("Range of blkio weight is from 10 to 1000");
        }
        if (!WEIGHTS
                && config.blkioWeightDevice() != null
                && !config.blkioWeightDevice().isEmpty()) {
            warnings.add("Your kernel does not support Block I/O weight_device or the cgroup is not mounted."
                    + " Weight-device discarded.");
        }
        if (config.ioMaximumIops() != 0) {
            throw EngineException.invalidParameter(
                    "invalid option: QoS maximum IOPs configuration is not supported on linux");
        }
        if (config.ioMaximumBandwidth() != 0) {
            throw EngineException.invalidParameter(
                    "invalid option: QoS maximum bandwidth configuration is not supported on linux");
        }
        if (config.cpuPercent() > 0) {
            warnings.add("linux does not support CPU percent. Percent discarded.");
        }
    }
}
