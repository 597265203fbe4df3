package dev.capas.container;

import dev.capas.runtime.ResourceUsage;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.springframework.stereotype.Service;

/** Samples what containers use. */
@Service
public class ContainerStats {
    private static final long NANOS_PER_TICK = 10_000_000;
    private static final int TICK_FIELDS = 8;
    private static final long BETWEEN_SAMPLES_MILLIS = 1000;
    private static final int KIB = 1024;

    private final Containers containers;

    ContainerStats(Containers containers) {
        this.containers = containers;
    }

    /** Takes one line after the other. */
    public interface Sink {
        /** Takes a line; IOException once the client has left. */
        void accept(Stats stats) throws IOException;
    }

    private record Sample(String at, ResourceUsage usage, Stats.Cpu cpu) {}

    /**
     * One line: of two samples a second apart, or of one where that is enough.
     *
     * @throws dev.capas.errdefs.EngineException if there is no such container
     */
    public Stats once(String name, boolean oneShot) throws IOException, InterruptedException {
        Container container = containers.get(name);
        Optional<Sample> first = sample(container);
        if (first.isEmpty()) {
            return Stats.none(container);
        }
        if (oneShot) {
            return line(container, first.get(), Stats.NEVER, Stats.Cpu.NONE).nameless();
        }
        Thread.sleep(BETWEEN_SAMPLES_MILLIS);
        return sample(container)
                .map(second ->
                        line(container, second, first.get().at(), first.get().cpu()))
                .orElseGet(() -> Stats.none(container));
    }

    /** A line each second until the container is removed or the client leaves. */
    public void stream(String name, Sink sink) throws IOException, InterruptedException {
        Container container = containers.get(name);
        String before = Stats.NEVER;
        Stats.Cpu cpu = Stats.Cpu.NONE;
        while (!container.removed().isDone()) {
            Optional<Sample> sample = sample(container);
            if (sample.isPresent()) {
                sink.accept(line(container, sample.get(), before, cpu));
                before = sample.get().at();
                cpu = sample.get().cpu();
            } else {
                sink.accept(Stats.none(container));
            }
            Thread.sleep(BETWEEN_SAMPLES_MILLIS);
        }
    }

    private static Stats line(Container container, Sample sample, String before, Stats.Cpu cpu) {
        return Stats.of(container, sample.at(), before, sample.usage(), sample.cpu(), cpu, hostMemory());
    }

    private static Optional<Sample> sample(Container container) throws IOException {
        Optional<Task> task = container.task();
        if (task.isEmpty() || !container.state().running()) {
            return Optional.empty();
        }
        try {
            ResourceUsage usage = ResourceUsage.of(task.get().init().pid());
            Stats.Cpu cpu = Stats.cpu(usage, systemNanos(), Runtime.getRuntime().availableProcessors());
            return Optional.of(new Sample(Instant.now().toString(), usage, cpu));
        } catch (IOException e) {
            if (container.state().running()
                    && container.task().isPresent()
                    && !task.get().exit().isDone()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** The time of all processors, in whatever state: the first line of {@code /proc/stat}. */
    private static long systemNanos() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            String[] fields = lines.findFirst().orElseThrow().split(" +");
            return Arrays.stream(fields)
                            .skip(1)
                            .limit(TICK_FIELDS)
                            .mapToLong(Long::parseLong)
                            .sum()
                    * NANOS_PER_TICK;
        }
    }

    private static long hostMemory() {
        try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
            return Long.parseLong(lines.findFirst().orElseThrow().replaceAll("[^0-9]", "")) * KIB;
        } catch (IOException e) {
            return 0;
        }
    }
}
