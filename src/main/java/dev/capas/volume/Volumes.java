package dev.capas.volume;

import dev.capas.errdefs.EngineException;
import dev.capas.event.EventBus;
import dev.capas.filter.Filters;
import dev.capas.filter.Visibility;
import dev.capas.linux.TreeUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/**
 * The volumes that there are. A row without a directory is what a crash has left of a volume that was about to come or to go, and is
 * removed by the next start; a directory without a row is somebody else's, and becomes a volume (as in dockerd).
 */
@Service
public class Volumes {
    private static final Logger log = LoggerFactory.getLogger(Volumes.class);
    private static final int NAME_BYTES = 32;
    /** What a name that nobody chose looks like. */
    private static final Pattern RANDOM = Pattern.compile("[0-9a-f]{" + 2 * NAME_BYTES + "}");

    private final VolumeStore store;
    private final VolumeDirectories directories;
    private final VolumeMounts mounts;
    private final VolumeUsers users;
    private final EventBus events;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Volume> byName = new ConcurrentSkipListMap<>();
    /** Held by whoever makes or removes a volume, or learns who uses one. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition filled = lock.newCondition();
    private final Set<String> filling = new HashSet<>();
    /** By volume, the containers that are being made and that nobody else knows yet. */
    private final Map<String, Set<String>> held = new HashMap<>();

    Volumes(VolumeStore store, VolumeDirectories directories, VolumeMounts mounts, VolumeUsers users, EventBus events)
            throws IOException {
        this.store = store;
        this.directories = directories;
        this.mounts = mounts;
        this.users = users;
        this.events = events;
        load();
    }

    /**
     * What a volume weighs.
     *
     * @param size the lengths of all that is no directory in it, each inode once, in bytes; -1 where it cannot be measured
     * @param containers how many use it
     */
    public record Usage(Volume volume, long size, int containers) {}

    /** What is copied into a new volume. */
    @FunctionalInterface
    public interface Content {
        void copyTo(Path directory) throws IOException;
    }

    private void load() throws IOException {
        Set<String> present = new HashSet<>(directories.names());
        for (Volume volume : store.all(directories.root())) {
            if (present.remove(volume.name())) {
                directories.dropFilling(volume.name());
                byName.put(volume.name(), volume);
            } else {
                store.delete(volume.name());
                directories.discard(volume.name());
            }
        }
        for (String name : present) {
            boolean chosen = !RANDOM.matcher(name).matches();
            Volume found = new Volume(
                    name,
                    directories.created(name).truncatedTo(ChronoUnit.SECONDS),
                    chosen ? null : Map.of(Volume.ANONYMOUS, ""),
                    null,
                    VolumeDirectories.mountpoint(directories.root(), name));
            store.insert(found);
            byName.put(name, found);
        }
    }

    /**
     * Makes a volume where there is none of this name.
     *
     * @throws EngineException if it cannot be as it is asked for (400), or there is no such driver (404)
     */
    public Volume create(VolumeRequest request) {
        return create(request, null);
    }

    /** The same for a container that is being made: until {@link #endHold}, the volume counts as used by it. */
    public Volume createFor(String container, VolumeRequest request) {
        return create(request, container);
    }

    private Volume create(VolumeRequest request, @Nullable String container) {
        lock.lock();
        try {
            awaitFilled(request.name());
            Volume existing = byName.get(request.name());
            if (existing != null) {
                VolumeRules.driver(request.name(), request.driver());
            }
            Volume volume = existing == null ? make(request) : existing;
            if (container != null) {
                held.computeIfAbsent(volume.name(), name -> new LinkedHashSet<>())
                        .add(container);
            }
            return volume;
        } finally {
            lock.unlock();
        }
    }

    private Volume make(VolumeRequest request) {
        boolean anonymous = request.name().isEmpty();
        String name = anonymous ? randomName() : request.name();
        VolumeRules.check(name, request.driver(), request.options());
        Map<String, String> labels = request.labels();
        if (anonymous) {
            labels = new HashMap<>(labels == null ? Map.of() : labels);
            labels.put(Volume.ANONYMOUS, "");
        }
        Volume volume = new Volume(
                name,
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                labels,
                request.options(),
                VolumeDirectories.mountpoint(directories.root(), name));
        try {
            directories.requireRoom(name);
            store.insert(volume);
            directories.make(name);
        } catch (IOException e) {
            store.delete(name);
            throw EngineException.system("create " + name + ": " + e.getMessage(), e);
        }
        byName.put(name, volume);
        publish("create", volume);
        return volume;
    }

    private String randomName() {
        byte[] bytes = new byte[NAME_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Ends what {@link #createFor} began: the container is known by now, or given up. */
    public void endHold(String container) {
        lock.lock();
        try {
            held.values().forEach(containers -> containers.remove(container));
            held.values().removeIf(Set::isEmpty);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The volume of this name.
     *
     * @throws EngineException (404) if there is none
     */
    public Volume get(String name) {
        return find(name).orElseThrow(() -> EngineException.notFound("get " + name + ": no such volume"));
    }

    /** The same, empty where there is none. */
    public Optional<Volume> find(String name) {
        return Optional.ofNullable(byName.get(name)).filter(volume -> Visibility.shows(volume.labels()));
    }

    /**
     * Those that pass, by name.
     *
     * @param filters {@code dangling}, {@code driver}, {@code label}, {@code name}
     * @throws EngineException if a filter is unknown or has a wrong value
     */
    public List<Volume> list(Filters filters) {
        filters.accept("dangling", "driver", "label", "name");
        boolean dangling = filters.getBoolean("dangling", false);
        Set<String> used = filters.contains("dangling") ? used() : Set.of();
        return byName.values().stream()
                .filter(volume -> Visibility.shows(volume.labels()))
                .filter(volume -> !filters.contains("dangling") || used.contains(volume.name()) != dangling)
                .filter(volume -> filters.matchExact("driver", Volume.DRIVER))
                .filter(volume -> filters.matchPairs("label", volume.labels()))
                .filter(volume -> filters.matchRegex("name", volume.name()))
                .toList();
    }

    /** The names of those that a container uses. */
    Set<String> used() {
        lock.lock();
        try {
            Set<String> used = new HashSet<>(users.all().keySet());
            used.addAll(held.keySet());
            return used;
        } finally {
            lock.unlock();
        }
    }

    /** What those weigh that lie here for certain, which is all without options (as in dockerd). */
    public List<Usage> usage() {
        Map<String, List<String>> containers = users.all();
        return byName.values().stream()
                .filter(volume -> Visibility.shows(volume.labels()) && !volume.hasOptions())
                .map(volume -> new Usage(
                        volume,
                        size(volume),
                        containers.getOrDefault(volume.name(), List.of()).size()))
                .toList();
    }

    static long size(Volume volume) {
        try {
            return TreeUsage.of(volume.mountpoint()).apparent();
        } catch (IOException e) {
            log.warn("Volume {} cannot be measured: {}", volume.name(), e.getMessage());
            return -1;
        }
    }

    /**
     * Removes a volume with all that is in it.
     *
     * @param force whether it is no fault if there is none
     * @throws EngineException if there is none (404), or containers use it (409)
     */
    public void remove(String name, boolean force) {
        Volume volume;
        lock.lock();
        try {
            if (!byName.containsKey(name) && force) {
                return;
            }
            volume = get(name);
            requireUnused(name, usersOf(name));
            directories.discard(name);
            store.delete(name);
            byName.remove(name);
        } catch (IOException e) {
            throw EngineException.system("remove " + name + ": " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
        publish("destroy", volume);
    }

    /** Throws what {@link #remove} would throw now; changes nothing. */
    public void checkRemove(String name, boolean force) {
        lock.lock();
        try {
            if (byName.containsKey(name) || !force) {
                requireUnused(get(name).name(), usersOf(name));
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Says in dockerd's words that a volume cannot go.
     *
     * @param containers the IDs of those that use it
     * @throws EngineException if there are any (409)
     */
    public static void requireUnused(String name, Collection<String> containers) {
        if (!containers.isEmpty()) {
            throw EngineException.conflict(
                    "remove " + name + ": volume is in use - [" + String.join(", ", containers) + "]");
        }
    }

    /** The IDs of the containers of each volume that has any, also of those that are being made. */
    public Map<String, Set<String>> userIds() {
        lock.lock();
        try {
            Map<String, Set<String>> all = new HashMap<>();
            users.all().forEach((name, containers) -> all.put(name, new LinkedHashSet<>(containers)));
            held.forEach((name, containers) ->
                    all.computeIfAbsent(name, key -> new LinkedHashSet<>()).addAll(containers));
            return all;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What goes with a volume.
     *
     * @param size the lengths of all that is no directory in it, each inode once, in bytes
     * @param diskUsage what the file system gave it, in bytes
     */
    public record Weight(long size, long diskUsage) {}

    /** Measures a volume, which nobody uses. */
    public Weight weigh(Volume volume) throws IOException {
        return new Weight(
                TreeUsage.of(volume.mountpoint()).apparent(),
                TreeUsage.of(directories.root().resolve(volume.name())).allocated());
    }

    /** Removes those of the volumes that no container uses any more. */
    public void removeUnused(Collection<String> names) {
        for (String name : names) {
            try {
                remove(name, true);
            } catch (EngineException e) {
                log.debug("Volume {} stays: {}", name, e.getMessage());
            }
        }
    }

    private List<String> usersOf(String name) {
        Set<String> all = new LinkedHashSet<>(users.all().getOrDefault(name, List.of()));
        all.addAll(held.getOrDefault(name, Set.of()));
        return new ArrayList<>(all);
    }

    /** Whether a volume may take content: nothing is in it, as far as that can be seen before it is mounted. */
    public boolean takesContent(Volume volume) throws IOException {
        return volume.mount().isPresent() || directories.isEmpty(volume.name());
    }

    /**
     * Copies content into a volume that has none. Where its directory is seen by nobody else it has all of the content at once, so that a
     * crash leaves none.
     *
     * @param container that is being made, and has called {@link #createFor}
     */
    public void fill(Volume volume, String container, Content content) throws IOException {
        mounts.mount(volume, container);
        boolean alone = beginFilling(volume, container);
        try {
            if (!directories.isEmpty(volume.name())) {
                return;
            }
            if (alone) {
                content.copyTo(directories.fill(volume.name()));
                directories.filled(volume.name());
            } else {
                content.copyTo(volume.mountpoint());
            }
        } finally {
            directories.dropFilling(volume.name());
            endFilling(volume.name());
            mounts.unmount(volume, container);
        }
    }

    /** Whether its directory is seen by nobody else. */
    private boolean beginFilling(Volume volume, String container) {
        lock.lock();
        try {
            awaitFilled(volume.name());
            filling.add(volume.name());
            return !volume.mount().isPresent() && usersOf(volume.name()).equals(List.of(container));
        } finally {
            lock.unlock();
        }
    }

    private void endFilling(String name) {
        lock.lock();
        try {
            filling.remove(name);
            filled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitFilled(String name) {
        while (filling.contains(name)) {
            filled.awaitUninterruptibly();
        }
    }

    private void publish(String action, Volume volume) {
        Map<String, String> labels = volume.labels();
        events.publish(
                "volume", action, volume.name(), Map.of("driver", Volume.DRIVER), labels == null ? Map.of() : labels);
    }
}
