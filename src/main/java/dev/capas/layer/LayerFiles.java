package dev.capas.layer;

import dev.capas.home.EngineHome;
import dev.capas.home.FreeSpace;
import dev.capas.layer.tar.Journal;
import dev.capas.linux.Directory;
import dev.capas.linux.Processes;
import dev.capas.linux.TopDirectory;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Where the store keeps what: everything comes by way of {@code staging} and goes by way of {@code trash}, each time by one rename. */
@Component
class LayerFiles implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(LayerFiles.class.getName());

    private final Path layers;
    private final Path staging;
    private final Path trash;
    private final Path init;
    private final Path initOfBoot;
    private final Path dataRoot;
    private final FreeSpace freeSpace;
    private final ExecutorService remover = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("trash").factory());

    LayerFiles(EngineHome home) throws IOException {
        this.freeSpace = home.freeSpace();
        this.dataRoot = Files.createDirectories(home.dataRoot());
        Files.setPosixFilePermissions(dataRoot, PosixFilePermissions.fromString("rwx--x---"));
        this.layers = Files.createDirectories(dataRoot.resolve("layers/sha256"));
        this.staging = TopDirectory.create(dataRoot.resolve("staging"));
        this.trash = Files.createDirectories(dataRoot.resolve("trash"));
        this.init = dataRoot.resolve("init");
        this.initOfBoot = Files.createDirectories(init.resolve(Processes.bootId()));
    }

    Path dataRoot() {
        return dataRoot;
    }

    FreeSpace freeSpace() {
        return freeSpace;
    }

    /** The directory of a layer, which has its tree, its journal and its saved payloads. */
    Path layer(Digest diffId) {
        return layers.resolve(diffId.hex());
    }

    Path tree(Digest diffId) {
        return layer(diffId).resolve(Journal.TREE);
    }

    Path init(Digest chainId) {
        return initOfBoot.resolve(chainId.hex());
    }

    /** The names of all layer directories. */
    List<String> names() throws IOException {
        try (var directories = Files.list(layers)) {
            return directories
                    .map(directory -> directory.getFileName().toString())
                    .toList();
        }
    }

    /** A new directory for something in the making. */
    Path newStaging() throws IOException {
        return Files.createDirectory(staging.resolve(UUID.randomUUID().toString()));
    }

    /** Takes a file or directory away at once, and removes it in the background. */
    void discard(Path unwanted) throws IOException {
        if (!Files.exists(unwanted, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        String name = UUID.randomUUID().toString();
        Files.move(unwanted, trash.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        remover.execute(() -> empty(trash, name));
    }

    /** Removes what an earlier run left in staging and trash, and the init layers of another boot: whether all of them reached the disk nobody knows. */
    void clean() throws IOException {
        try (var left = Files.list(staging);
                var made = Files.list(init)) {
            for (Path directory : Stream.concat(left, made).toList()) {
                if (!directory.equals(initOfBoot)) {
                    discard(directory);
                }
            }
        }
        try (var left = Files.list(trash)) {
            for (Path directory : left.toList()) {
                remover.execute(() -> empty(trash, directory.getFileName().toString()));
            }
        }
    }

    /** Waits for all that was written to be on the disk. */
    void sync() throws IOException {
        try (Directory directory = Directory.open(layers)) {
            directory.syncfs();
        }
    }

    @Override
    public void close() {
        remover.shutdown();
    }

    private static void empty(Path parent, String name) {
        try (Directory directory = Directory.open(parent)) {
            directory.removeTree(Directory.name(name));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot remove " + parent.resolve(name), e);
        }
    }
}
