package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.capas.runtime.ResourceUsage;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * One line of {@code GET /containers/{id}/stats}, as the Engine API 1.51 has it. Times are nanoseconds, sizes bytes; what a machine
 * or a container does not have is left out.
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Stats(
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String name,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String id,
        String read,
        String preread,
        Pids pidsStats,
        Blkio blkioStats,
        int numProcs,
        Map<String, Object> storageStats,
        Cpu cpuStats,
        Cpu precpuStats,
        Memory memoryStats) {
    /** The time that stands for never. */
    static final String NEVER = "0001-01-01T00:00:00Z";

    /** Processes and threads. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Pids(@Nullable Long current, @Nullable Long limit) {
        static final Pids NONE = new Pids(null, null);
    }

    /** Block devices; lists are null for a container that does not run. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Blkio(
            @Nullable List<BlkioEntry> ioServiceBytesRecursive,
            @Nullable List<BlkioEntry> ioServicedRecursive,
            @Nullable List<BlkioEntry> ioQueueRecursive,
            @Nullable List<BlkioEntry> ioServiceTimeRecursive,
            @Nullable List<BlkioEntry> ioWaitTimeRecursive,
            @Nullable List<BlkioEntry> ioMergedRecursive,
            @Nullable List<BlkioEntry> ioTimeRecursive,
            @Nullable List<BlkioEntry> sectorsRecursive) {
        static final Blkio NONE = new Blkio(null, null, null, null, null, null, null, null);
    }

    /** One figure of one device. */
    public record BlkioEntry(long major, long minor, String op, long value) {}

    /** Processor time. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cpu(
            CpuUsage cpuUsage,
            @Nullable Long systemCpuUsage,
            @Nullable Integer onlineCpus,
            Throttling throttlingData) {
        static final Cpu NONE = new Cpu(new CpuUsage(0, null, 0, 0), null, null, new Throttling(0, 0, 0));
    }

    /** Of it, where. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record CpuUsage(
            @JsonInclude long totalUsage,
            @Nullable List<Long> percpuUsage,
            @JsonInclude long usageInKernelmode,
            @JsonInclude long usageInUsermode) {}

    /** How a limit was met. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Throttling(long periods, long throttledPeriods, long throttledTime) {}

    /** Memory. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Memory(
            @Nullable Long usage,
            @Nullable Long maxUsage,
            @Nullable Map<String, Long> stats,
            @Nullable Long failcnt,
            @Nullable Long limit) {
        static final Memory NONE = new Memory(null, null, null, null, null);
    }

    /** The same without saying of which container, as dockerd answers a one-shot. */
    Stats nameless() {
        return new Stats(
                null,
                null,
                read,
                preread,
                pidsStats,
                blkioStats,
                numProcs,
                storageStats,
                cpuStats,
                precpuStats,
                memoryStats);
    }

    /** What is told of a container that does not run. */
    static Stats none(Container container) {
        return new Stats(
                "/" + container.name(),
                container.id(),
                NEVER,
                NEVER,
                Pids.NONE,
                Blkio.NONE,
                0,
                Map.of(),
                Cpu.NONE,
                Cpu.NONE,
                Memory.NONE);
    }

    static Stats of(
            Container container,
            String read,
            String preread,
            ResourceUsage usage,
            Cpu cpu,
            Cpu before,
            long hostMemory) {
        Long failures = usage.memoryFailures();
        Long limit = usage.memoryLimitBytes();
        return new Stats(
                "/" + container.name(),
                container.id(),
                read,
                preread,
                new Pids(usage.pids(), usage.pidsLimit()),
                new Blkio(
                        usage.io().stream()
                                .map(io -> new BlkioEntry(io.major(), io.minor(), io.operation(), io.bytes()))
                                .toList(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of()),
                0,
                Map.of(),
                cpu,
                before,
                new Memory(
                        usage.memoryBytes(),
                        usage.memoryMaxBytes(),
                        usage.memory(),
                        failures == null || failures == 0 ? null : failures,
                        limit == null ? hostMemory : limit));
    }

    static Cpu cpu(ResourceUsage usage, long systemNanos, int processors) {
        return new Cpu(
                new CpuUsage(usage.cpuNanos(), usage.perCpuNanos(), usage.kernelNanos(), usage.userNanos()),
                systemNanos,
                processors,
                new Throttling(
                        usage.throttling().periods(),
                        usage.throttling().throttledPeriods(),
                        usage.throttling().throttledNanos()));
    }
}
