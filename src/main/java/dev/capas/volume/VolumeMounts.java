package dev.capas.volume;

import dev.capas.errdefs.EngineException;
import dev.capas.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/**
 * Mounts volumes that have options: the first who uses one has it mounted, the last has it unmounted. Of a volume that is a plain
 * directory nothing is known here.
 */
@Service
public class VolumeMounts {
    private static final Logger log = LoggerFactory.getLogger(VolumeMounts.class);

    private final VolumeDirectories directories;
    private final Map<String, Mounted> byVolume = new ConcurrentHashMap<>();
    private final ExecutorService blocking = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("volume-", 0).factory());

    VolumeMounts(VolumeDirectories directories) {
        this.directories = directories;
    }

    /** Who uses a volume; changed and read while its lock is held, which may be for as long as a server does not answer. */
    private record Mounted(ReentrantLock lock, Set<Object> users) {
        Mounted(String volume) {
            this(new ReentrantLock(), new HashSet<>());
        }
    }

    /**
     * Has a volume mounted for as long as this user wants it; twice is as once.
     *
     * @param user equal for who unmounts it later
     * @throws EngineException in dockerd's words
     */
    public void mount(Volume volume, Object user) {
        if (!volume.mount().isPresent()) {
            return;
        }
        Mounted mounted = byVolume.computeIfAbsent(volume.name(), Mounted::new);
        mounted.lock.lock();
        try {
            if (mounted.users.isEmpty()) {
                blocking(() -> volume.mount().mount(volume.mountpoint()));
            }
            mounted.users.add(user);
        } catch (IOException e) {
            throw EngineException.system(
                    "error while mounting volume '" + volume.mountpoint() + "': " + e.getMessage(), e);
        } finally {
            mounted.lock.unlock();
        }
    }

    /** This user wants it no more; does nothing where it has not wanted it. */
    public void unmount(Volume volume, Object user) {
        Mounted mounted = byVolume.get(volume.name());
        if (mounted == null) {
            return;
        }
        mounted.lock.lock();
        try {
            if (mounted.users.remove(user) && mounted.users.isEmpty()) {
                blocking(() -> Mounts.detach(volume.mountpoint()));
            }
        } catch (IOException e) {
            log.error("Volume {} cannot be unmounted", volume.name(), e);
        } finally {
            mounted.lock.unlock();
        }
    }

    /**
     * Takes over what an earlier run of the daemon has mounted, and unmounts what nobody uses any more.
     *
     * @param users those that run, by volume
     */
    public void recover(Map<String, Set<String>> users) throws IOException {
        if (!Files.isDirectory(directories.root())) {
            return;
        }
        Map<Path, String> kept = new HashMap<>();
        Path root = directories.root().toRealPath();
        users.keySet().forEach(name -> kept.put(VolumeDirectories.mountpoint(root, name), name));
        for (Path point : Mounts.below(root)) {
            String name = kept.get(point);
            if (name != null) {
                byVolume.computeIfAbsent(name, Mounted::new).users.addAll(users.getOrDefault(name, Set.of()));
            } else if (root.relativize(point).getNameCount() == 2) {
                Mounts.detach(point);
            }
        }
    }

    private interface Call {
        void run() throws IOException;
    }

    private void blocking(Call call) throws IOException {
        try {
            CompletableFuture.runAsync(
                            () -> {
                                try {
                                    call.run();
                                } catch (IOException e) {
                                    throw new CompletionException(e);
                                }
                            },
                            blocking)
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }
}
