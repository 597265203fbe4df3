package dev.capas.layer;

import static dev.capas.linux.Directory.name;

import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * The layer that lies between an image and the read-write layers of its containers: what the engine puts into every root
 * filesystem, so that neither sizes nor {@code docker diff} nor a commit need an exception for it. There is one for each stack, made for its
 * first container.
 */
@Component
class InitLayers {
    private static final List<String> DIRECTORIES = List.of("dev/pts", "dev/shm", "proc", "sys");
    private static final List<String> FILES =
            List.of(".dockerenv", "etc/resolv.conf", "etc/hosts", "etc/hostname", "dev/console");
    private static final String MTAB = "etc/mtab";
    private static final String MTAB_TARGET = "/proc/mounts";
    private static final List<String> COPY_UP_MARKS =
            List.of("trusted.overlay.origin", "trusted.overlay.impure", "trusted.overlay.uuid");
    private static final int MODE = 0755;
    private static final System.Logger LOG = System.getLogger(InitLayers.class.getName());

    private final LayerFiles files;
    private final RootFilesystems roots;

    InitLayers(LayerFiles files, RootFilesystems roots) {
        this.files = files;
        this.roots = roots;
    }

    /** The tree for the stack of this ChainID, whose distinct trees these are, topmost first; made where it is missing. */
    Path of(Digest chainId, List<Path> lowers) throws IOException {
        Path tree = files.init(chainId);
        if (Files.isDirectory(tree)) {
            return tree;
        }
        Path staging = files.newStaging();
        try {
            Path upper = Files.createDirectory(staging.resolve("upper"));
            if (lowers.isEmpty()) {
                fill(upper);
            } else {
                Path merged = Files.createDirectory(staging.resolve("merged"));
                roots.mount(lowers, upper, Files.createDirectory(staging.resolve("work")), merged);
                try {
                    fill(merged);
                } finally {
                    roots.unmount(merged);
                }
            }
            try (Directory directory = Directory.open(upper)) {
                dropMarks(directory);
            }
            Files.move(upper, tree, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(tree)) {
                throw e;
            }
            LOG.log(System.Logger.Level.DEBUG, "another container's start made it at the same time", e);
        } finally {
            files.discard(staging);
        }
        return tree;
    }

    private static void fill(Path root) throws IOException {
        try (Directory directory = Directory.open(root)) {
            for (String path : DIRECTORIES) {
                clear(directory, path);
                makeDirectories(directory, path);
            }
            for (String path : FILES) {
                clear(directory, path);
                makeDirectories(directory, parent(path));
                try (Fd file = directory.openFile(name(path), Fd.O_CREAT | Fd.O_WRONLY, MODE)) {
                    file.chmod(MODE);
                }
            }
            clear(directory, MTAB);
            makeDirectories(directory, parent(MTAB));
            directory.symlink(name(MTAB_TARGET), name(MTAB));
        }
    }

    /** Removes a file or symbolic link that stands at the path or on the way there. */
    private static void clear(Directory root, String path) throws IOException {
        for (String prefix : prefixes(path)) {
            try {
                root.unlink(name(prefix));
            } catch (LinuxException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.EISDIR && e.errno() != Errno.EPERM) {
                    throw e;
                }
            }
        }
    }

    private static void makeDirectories(Directory root, String path) throws IOException {
        for (String prefix : prefixes(path)) {
            try {
                root.mkdir(name(prefix), MODE);
                root.chmod(name(prefix), MODE);
            } catch (LinuxException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
        }
    }

    private static List<String> prefixes(String path) {
        List<String> prefixes = new ArrayList<>();
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            prefixes.add(path.substring(0, slash));
        }
        if (!path.isEmpty()) {
            prefixes.add(path);
        }
        return prefixes;
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    /** What overlayfs noted while it copied up would be wrong under another mount. */
    private static void dropMarks(Directory directory) throws IOException {
        dropMarks(directory, name("."));
        for (Directory.Entry entry : directory.list()) {
            dropMarks(directory, entry.name());
            if (directory.stat(entry.name()).isDirectory()) {
                try (Directory below = directory.openDirectoryNoFollow(entry.name())) {
                    dropMarks(below);
                }
            }
        }
    }

    private static void dropMarks(Directory directory, byte[] entry) throws IOException {
        for (byte[] attribute : directory.listXattrs(entry)) {
            if (COPY_UP_MARKS.stream().anyMatch(mark -> Arrays.equals(name(mark), attribute))) {
                directory.removeXattr(entry, attribute);
            }
        }
    }
}
