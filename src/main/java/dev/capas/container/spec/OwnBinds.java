package dev.capas.container.spec;

import dev.capas.container.MountPoint;
import dev.capas.errdefs.EngineException;
import dev.capas.linux.Directory;
import dev.capas.linux.Fd;
import dev.capas.linux.Mounts;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Bind mounts that the engine makes in the container's directory, for the OCI runtime to bind from there: those that leave out the
 * mounts below, which crun 1.8 binds all the same, and directories of volumes, which somebody could turn into links meanwhile.
 */
final class OwnBinds {
    private static final String NAME = "binds";

    private OwnBinds() {}

    /**
     * Makes them.
     *
     * @return all mount points, the sources being those that the runtime is to be told
     * @throws EngineException (404) where a volume has no such directory
     */
    static List<MountPoint> mount(SpecRequest request) throws IOException {
        Path directory = request.directory().resolve(NAME);
        List<MountPoint> points = new ArrayList<>();
        for (MountPoint point : request.mounts()) {
            Path target = directory.resolve(Integer.toString(points.size()));
            if (!point.subpath().isEmpty()) {
                points.add(point.from(mountBelow(point, target)));
            } else if (point.type().equals("bind") && point.bindOptions().nonRecursive()) {
                points.add(point.from(mount(Path.of(point.source()), target)));
            } else {
                points.add(point);
            }
        }
        return points;
    }

    private static String mountBelow(MountPoint point, Path target) throws IOException {
        try (Directory volume = Directory.open(Path.of(point.source()));
                Fd found = volume.openFile(Directory.name(resolved(point)), Fd.O_PATH, 0)) {
            return mount(found.procPath(), target);
        }
    }

    /** The subpath without links. Nobody relies on its staying so: it is opened in a way that cannot lead out. */
    private static String resolved(MountPoint point) throws IOException {
        Path base = Path.of(point.source()).toRealPath();
        Path path = Path.of(point.source(), point.subpath());
        try {
            Path real = path.toRealPath();
            if (!real.startsWith(base)) {
                throw EngineException.invalidParameter("path concatenation escapes the base directory, base: "
                        + point.source() + ", subpath: " + point.subpath());
            }
            return "./" + base.relativize(real);
        } catch (NoSuchFileException e) {
            throw EngineException.notFound(
                    "cannot access path " + path + ": lstat " + path + ": no such file or directory");
        } catch (FileSystemException e) {
            throw EngineException.system(
                    "error while resolving symlinks in combined path \"" + path + "\": "
                            + String.valueOf(e.getReason()).toLowerCase(Locale.ROOT),
                    e);
        }
    }

    private static String mount(Path source, Path target) throws IOException {
        if (Files.isDirectory(source)) {
            Files.createDirectories(target);
        } else {
            Files.createDirectories(target.getParent());
            Files.write(target, new byte[0]);
        }
        Mounts.bind(source, target);
        return target.toString();
    }

    /** Unmounts them; does nothing where there are none. */
    static void unmount(Path containerDirectory) throws IOException {
        Path directory = containerDirectory.resolve(NAME);
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> targets = Files.newDirectoryStream(directory)) {
            for (Path target : targets) {
                Mounts.detach(target);
                Files.delete(target);
            }
        }
        Files.delete(directory);
    }
}
