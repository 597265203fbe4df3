package dev.capas.volume;

import dev.capas.filter.Filters;
import dev.capas.linux.TreeUsage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Service;

/**
 * What volumes weigh. A file grows without a trace in its directory, so a figure holds for the time it was taken at and claims no more.
 * A volume is walked when it is asked for and has no figure yet; again, in the background, when a container that mounts it has stopped,
 * and when it is asked for while one runs; and not more often than every {@link #PAUSE}, nor for more than a twentieth of the time.
 */
@Service
public class VolumeSizes {
    /** The least time between two walks of one volume. */
    static final Duration PAUSE = Duration.ofSeconds(10);

    /** How many times as long as a walk took the next one waits. */
    private static final int REST = 20;
    /** Many a container is removed as soon as it has stopped, and many a volume with it. */
    private static final Duration AFTER_STOP = Duration.ofMillis(200);

    private static final Logger log = LoggerFactory.getLogger(VolumeSizes.class);

    private final Volumes volumes;
    private final VolumeStore store;
    private final VolumeUsers users;
    private final Duration pause;
    /** By volume, when it may be walked again, in the nanoseconds of {@link System#nanoTime}. */
    private final Map<String, Long> rests = new ConcurrentHashMap<>();

    private final Map<String, CompletableFuture<Optional<Figure>>> walks = new ConcurrentHashMap<>();
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor walker = new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("volume-sizes").factory());

    /**
     * What a volume weighed.
     *
     * @param at when it was measured
     */
    record Figure(TreeUsage usage, Instant at) {}

    /**
     * What a volume weighs, and who uses it.
     *
     * @param size the lengths of all that is no directory in it, each inode once, in bytes; -1 where it cannot be measured
     * @param sized when that was so; null where it cannot be measured
     * @param containers how many use it
     */
    public record Usage(Volume volume, long size, @Nullable Instant sized, int containers) {}

    @Autowired
    VolumeSizes(Volumes volumes, VolumeStore store, VolumeUsers users) {
        this(volumes, store, users, PAUSE);
    }

    VolumeSizes(Volumes volumes, VolumeStore store, VolumeUsers users, Duration pause) {
        this.volumes = volumes;
        this.store = store;
        this.users = users;
        this.pause = pause;
    }

    /**
     * What those weigh that lie here for certain, which is all without options (as in dockerd), by name.
     *
     * @param limit how many at most; 0 for all
     * @param anew whether they are walked again, but for those whose figures are too new for that
     */
    public List<Usage> usage(int limit, boolean anew) {
        Map<String, List<String>> containers = users.all();
        List<Volume> plain = volumes.list(Filters.NONE).stream()
                .filter(volume -> !volume.hasOptions())
                .limit(limit > 0 ? limit : Long.MAX_VALUE)
                .toList();
        Map<String, Figure> figures = figures(plain, anew);
        changed(users.written());
        return plain.stream()
                .map(volume -> usage(
                        volume,
                        figures.get(volume.name()),
                        containers.getOrDefault(volume.name(), List.of()).size()))
                .toList();
    }

    private static Usage usage(Volume volume, @Nullable Figure figure, int containers) {
        return figure == null
                ? new Usage(volume, -1, null, containers)
                : new Usage(volume, figure.usage().apparent(), figure.at(), containers);
    }

    private Map<String, Figure> figures(List<Volume> plain, boolean anew) {
        Map<String, Figure> figures = store.figures();
        Map<String, Figure> walked = new ConcurrentHashMap<>();
        plain.parallelStream()
                .filter(volume -> !figures.containsKey(volume.name())
                        || anew && rest(volume.name()).isZero())
                .forEach(volume -> walk(volume).ifPresent(figure -> walked.put(volume.name(), figure)));
        store.save(walked);
        figures.putAll(walked);
        return figures;
    }

    /**
     * What volumes weigh together.
     *
     * @param size apparent bytes
     * @param diskUsage allocated bytes
     */
    public record Total(long size, long diskUsage) {}

    /** The last figures of all that were ever measured, added up; nothing is walked. */
    public Total known() {
        Collection<Figure> figures = store.figures().values();
        return new Total(
                figures.stream().mapToLong(figure -> figure.usage().apparent()).sum(),
                figures.stream().mapToLong(figure -> figure.usage().allocated()).sum());
    }

    /** Says that containers may have written to these volumes: they are measured in the background as soon as they may be. */
    public void changed(Collection<String> names) {
        for (String name : names) {
            Duration rest = rest(name);
            if (waiting.add(name)) {
                CompletableFuture.delayedExecutor(
                                Math.max(rest.toMillis(), AFTER_STOP.toMillis()), TimeUnit.MILLISECONDS, walker)
                        .execute(() -> measure(name));
            }
        }
    }

    private void measure(String name) {
        waiting.remove(name);
        volumes.find(name)
                .filter(volume -> !volume.hasOptions())
                .flatMap(this::walk)
                .ifPresent(figure -> store.save(Map.of(name, figure)));
        rests.values().removeIf(until -> until - System.nanoTime() < 0);
    }

    private Duration rest(String name) {
        Long until = rests.get(name);
        return until == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, until - System.nanoTime()));
    }

    /** Whoever asks while a walk is under way waits for its end. */
    private Optional<Figure> walk(Volume volume) {
        CompletableFuture<Optional<Figure>> mine = new CompletableFuture<>();
        CompletableFuture<Optional<Figure>> other = walks.putIfAbsent(volume.name(), mine);
        if (other != null) {
            return other.join();
        }
        Optional<Figure> figure = Optional.empty();
        long begin = System.nanoTime();
        try {
            Instant at = Instant.now();
            figure = Optional.of(new Figure(TreeUsage.of(volume.mountpoint()), at));
        } catch (IOException e) {
            if (volumes.find(volume.name()).isPresent()) {
                log.warn("Volume {} cannot be measured: {}", volume.name(), e.getMessage());
            }
        } finally {
            long end = System.nanoTime();
            rests.put(volume.name(), end + Math.max(pause.toNanos(), REST * (end - begin)));
            walks.remove(volume.name());
            mine.complete(figure);
        }
        return figure;
    }
}
