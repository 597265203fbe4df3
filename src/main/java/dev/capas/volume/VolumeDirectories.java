package dev.capas.volume;

import dev.capas.home.EngineHome;
import dev.capas.linux.Directory;
import dev.capas.linux.Mounts;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Where volumes lie: {@code volumes/<name>/_data} below the data root. A directory appears after its row and goes before it, so that one
 * without a row is never half of a volume.
 */
@Component
class VolumeDirectories implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(VolumeDirectories.class);
    private static final String DATA = "_data";
    private static final String FILLING = "filling";

    private final EngineHome home;
    private final Path root;
    private final Path trash;
    private final ExecutorService emptying = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("volume-trash").factory());

    VolumeDirectories(EngineHome home) {
        this.home = home;
        this.root = home.dataRoot().resolve("volumes");
        this.trash = home.dataRoot().resolve("trash");
    }

    static Path mountpoint(Path root, String name) {
        return root.resolve(name).resolve(DATA);
    }

    Path root() {
        return root;
    }

    /** The names of those that are there. */
    List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(root)) {
            try (DirectoryStream<Path> directories = Files.newDirectoryStream(root)) {
                for (Path directory : directories) {
                    String name = directory.getFileName().toString();
                    if (VolumeRules.isName(name) && Files.isDirectory(directory.resolve(DATA))) {
                        names.add(name);
                    }
                }
            }
        }
        return names;
    }

    /** When one that somebody else made was made. */
    Instant created(String name) throws IOException {
        return Files.getLastModifiedTime(root.resolve(name)).toInstant();
    }

    /** Fails where there is no room for another one. */
    void requireRoom(String name) throws IOException {
        home.freeSpace().require(mountpoint(root, name));
    }

    void make(String name) throws IOException {
        directory(root, "rwx--x--x");
        directory(root.resolve(name), "rwx-----x");
        directory(mountpoint(root, name), "rwxr-xr-x");
    }

    private static void directory(Path path, String mode) throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        }
    }

    boolean isEmpty(String name) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(mountpoint(root, name))) {
            return !entries.iterator().hasNext();
        }
    }

    /** An empty directory to be filled; {@link #filled} makes it the volume's. */
    Path fill(String name) throws IOException {
        dropFilling(name);
        Path filling = root.resolve(name).resolve(FILLING);
        directory(filling, "rwxr-xr-x");
        return filling;
    }

    /** Puts what was filled in the place of the volume's directory, which is empty and used by nobody. */
    void filled(String name) throws IOException {
        Files.move(
                root.resolve(name).resolve(FILLING),
                mountpoint(root, name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** Removes what was not filled to its end. */
    void dropFilling(String name) throws IOException {
        if (Files.exists(root.resolve(name).resolve(FILLING))) {
            try (Directory directory = Directory.open(root.resolve(name))) {
                directory.removeTree(Directory.name(FILLING));
            }
        }
    }

    /** Takes one out of the way at once, with nothing mounted in it. It is emptied where nobody waits for it, unless room is wanted. */
    void discard(String name) throws IOException {
        Path directory = root.resolve(name);
        Path discarded = trash.resolve("volume-" + UUID.randomUUID());
        try {
            for (Path mounted : Mounts.below(directory)) {
                Mounts.unmount(mounted, Mounts.DETACH);
            }
            Files.createDirectories(trash);
            Files.move(directory, discarded, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return;
        }
        if (home.freeSpace().isExhausted()) {
            empty(discarded);
        } else {
            emptying.execute(() -> empty(discarded));
        }
    }

    private void empty(Path discarded) {
        try (Directory parent = Directory.open(trash)) {
            parent.removeTree(Directory.name(discarded.getFileName().toString()));
        } catch (IOException e) {
            log.error("{} cannot be removed", discarded, e);
        }
    }

    @Override
    public void destroy() {
        emptying.close();
    }
}
