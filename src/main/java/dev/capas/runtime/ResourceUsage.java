package dev.capas.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel has accounted to a container, by cgroups v1 or v2.
 *
 * @param cpuNanos time on all processors, in nanoseconds
 * @param perCpuNanos the same for each processor; empty under v2
 * @param kernelNanos of it in the kernel
 * @param userNanos of it outside
 * @param throttling periods, throttled periods, and throttled time in nanoseconds
 * @param pids how many processes and threads there are
 * @param pidsLimit how many there may be, null for no limit
 * @param memoryBytes what is in use
 * @param memoryMaxBytes the most that ever was, null under v2
 * @param memoryFailures how often the limit was met, null under v2
 * @param memoryLimitBytes what may be in use, null for no limit
 * @param memory the lines of {@code memory.stat}, in bytes where they are sizes
 * @param io what was read and written
 */
public record ResourceUsage(
        long cpuNanos,
        List<Long> perCpuNanos,
        long kernelNanos,
        long userNanos,
        Throttling throttling,
        long pids,
        @Nullable Long pidsLimit,
        long memoryBytes,
        @Nullable Long memoryMaxBytes,
        @Nullable Long memoryFailures,
        @Nullable Long memoryLimitBytes,
        Map<String, Long> memory,
        List<Io> io) {
    /** How a limit of processor time was met. */
    public record Throttling(long periods, long throttledPeriods, long throttledNanos) {}

    /** What was moved to or from a block device, in bytes; the operation is Docker's word for it. */
    public record Io(long major, long minor, String operation, long bytes) {}

    private static final long NANOS_PER_TICK = 10_000_000;
    private static final long NANOS_PER_MICRO = 1_000;
    private static final long UNLIMITED = 1L << 62;

    /** The account of the container whose init this is; IOException where it has ended. */
    public static ResourceUsage of(int init) throws IOException {
        Optional<Path> memory = Cgroup.of(init, "memory");
        return memory.isPresent()
                ? v1(init, memory.get())
                : v2(Cgroup.of(init, "").orElseThrow(() -> ended(init)));
    }

    /** Whether the machine accounts by v2 alone. */
    public static boolean unified() {
        return Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    }

    private static ResourceUsage v1(int init, Path memory) throws IOException {
        Path cpu = Cgroup.of(init, "cpuacct").orElseThrow(() -> ended(init));
        Map<String, Long> ticks = table(cpu.resolve("cpuacct.stat"));
        Map<String, Long> throttled = table(Cgroup.of(init, "cpu").orElse(cpu).resolve("cpu.stat"));
        Optional<Path> pids = Cgroup.of(init, "pids");
        Optional<Path> block = Cgroup.of(init, "blkio");
        return new ResourceUsage(
                number(cpu.resolve("cpuacct.usage")).orElse(0L),
                Arrays.stream(Files.readString(cpu.resolve("cpuacct.usage_percpu"))
                                .strip()
                                .split(" "))
                        .map(Long::valueOf)
                        .toList(),
                ticks.getOrDefault("system", 0L) * NANOS_PER_TICK,
                ticks.getOrDefault("user", 0L) * NANOS_PER_TICK,
                new Throttling(
                        throttled.getOrDefault("nr_periods", 0L),
                        throttled.getOrDefault("nr_throttled", 0L),
                        throttled.getOrDefault("throttled_time", 0L)),
                pids.isPresent() ? number(pids.get().resolve("pids.current")).orElse(0L) : 0,
                pids.isPresent() ? number(pids.get().resolve("pids.max")).orElse(null) : null,
                number(memory.resolve("memory.usage_in_bytes")).orElse(0L),
                number(memory.resolve("memory.max_usage_in_bytes")).orElse(0L),
                number(memory.resolve("memory.failcnt")).orElse(0L),
                number(memory.resolve("memory.limit_in_bytes"))
                        .filter(limit -> limit < UNLIMITED)
                        .orElse(null),
                known(table(memory.resolve("memory.stat"))),
                block.isPresent() ? ioV1(block.get().resolve("blkio.throttle.io_service_bytes_recursive")) : List.of());
    }

    /** Without the lines that Docker's clients have never seen. */
    private static Map<String, Long> known(Map<String, Long> table) {
        table.keySet().removeIf(line -> line.matches("(total_)?(swap|shmem|swapcached|workingset_.*)"));
        return table;
    }

    private static ResourceUsage v2(Path group) throws IOException {
        Map<String, Long> cpu = table(group.resolve("cpu.stat"));
        return new ResourceUsage(
                cpu.getOrDefault("usage_usec", 0L) * NANOS_PER_MICRO,
                List.of(),
                cpu.getOrDefault("system_usec", 0L) * NANOS_PER_MICRO,
                cpu.getOrDefault("user_usec", 0L) * NANOS_PER_MICRO,
                new Throttling(
                        cpu.getOrDefault("nr_periods", 0L),
                        cpu.getOrDefault("nr_throttled", 0L),
                        cpu.getOrDefault("throttled_usec", 0L) * NANOS_PER_MICRO),
                number(group.resolve("pids.current")).orElse(0L),
                number(group.resolve("pids.max")).orElse(null),
                number(group.resolve("memory.current")).orElse(0L),
                null,
                null,
                number(group.resolve("memory.max")).orElse(null),
                table(group.resolve("memory.stat")),
                ioV2(group.resolve("io.stat")));
    }

    private static IOException ended(int init) {
        return new IOException("process " + init + " has no cgroup any more");
    }

    private static Optional<Long> number(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String text = Files.readString(file).strip();
        return text.equals("max") ? Optional.empty() : Optional.of(Long.parseUnsignedLong(text));
    }

    private static Map<String, Long> table(Path file) throws IOException {
        Map<String, Long> table = new TreeMap<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] pair = line.split(" ");
                if (pair.length == 2) {
                    table.put(pair[0], Long.parseUnsignedLong(pair[1]));
                }
            }
        }
        return table;
    }

    /** Lines like {@code 254:0 Read 4096}. */
    private static List<Io> ioV1(Path file) throws IOException {
        List<Io> all = new ArrayList<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split("[ :]");
                if (parts.length == 4) {
                    all.add(new Io(
                            Long.parseLong(parts[0]), Long.parseLong(parts[1]), parts[2], Long.parseLong(parts[3])));
                }
            }
        }
        return all;
    }

    /** Lines like {@code 254:0 rbytes=4096 wbytes=0 rios=1 …}. */
    private static List<Io> ioV2(Path file) throws IOException {
        List<Io> all = new ArrayList<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split("[ :]");
                for (int i = 2; i < parts.length; i++) {
                    String operation =
                            parts[i].startsWith("rbytes=") ? "read" : parts[i].startsWith("wbytes=") ? "write" : null;
                    if (operation != null) {
                        long bytes = Long.parseLong(parts[i].substring(parts[i].indexOf('=') + 1));
                        all.add(new Io(Long.parseLong(parts[0]), Long.parseLong(parts[1]), operation, bytes));
                    }
                }
            }
        }
        return all;
    }
}
