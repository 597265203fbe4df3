package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.LayerStore;
import dev.capas.layer.ReadWriteLayer;
import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import dev.capas.volume.Volume;
import dev.capas.volume.Volumes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * What Docker does in the root filesystem of a new container: its working directory is made, and empty volumes take what the image
 * has in their places. Where nothing can be mounted it is not done; nothing can be started there either.
 */
@Component
class RootPreparation {
    private static final int DIRECTORY_MODE = 0755;

    private final LayerStore layers;
    private final Volumes volumes;

    RootPreparation(LayerStore layers, Volumes volumes) {
        this.layers = layers;
        this.volumes = volumes;
    }

    /**
     * Prepares a container that nobody knows of yet.
     *
     * @throws EngineException (500) in Docker's words where something in the image stands in the way
     */
    void prepare(Container container) throws IOException {
        String workingDirectory = container.config().workingDir();
        boolean hasWork = !workingDirectory.isEmpty() && !workingDirectory.equals("/");
        List<MountPoint> covered = new ArrayList<>();
        for (MountPoint point : container.mounts()) {
            if (point.takesContent() && volumes.takesContent(volume(point))) {
                covered.add(point);
            }
        }
        if (!hasWork && covered.isEmpty() || layers.unavailable().isPresent()) {
            return;
        }
        ReadWriteLayer layer = container.readWriteLayer();
        try (ReadWriteLayer.Use below = layer.useBelow();
                Directory root = Directory.open(layer.mountPoint())) {
            if (!hasWork || isDirectory(root, workingDirectory)) {
                fill(container, root, covered);
                return;
            }
        }
        layer.mount();
        try (Directory root = Directory.open(layer.mountPoint())) {
            makeDirectories(root, workingDirectory);
            fill(container, root, covered);
        } finally {
            layer.unmount();
        }
    }

    private static boolean isDirectory(Directory root, String path) {
        try (Directory found = root.openDirectory(Directory.name(path))) {
            return true;
        } catch (LinuxException e) {
            return false;
        }
    }

    private void fill(Container container, Directory root, List<MountPoint> points) throws IOException {
        for (MountPoint point : points) {
            fill(container, root, point);
        }
    }

    private static void makeDirectories(Directory root, String path) throws LinuxException {
        StringBuilder made = new StringBuilder();
        for (String component : path.split("/")) {
            if (component.isEmpty()) {
                continue;
            }
            made.append('/').append(component);
            byte[] name = Directory.name(made.toString());
            try (Directory existing = root.openDirectory(name)) {
                continue;
            } catch (LinuxException e) {
                if (e.errno() == Errno.ENOTDIR) {
                    throw EngineException.system("Cannot mkdir: " + path + " is not a directory", e);
                }
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
            root.mkdir(name, DIRECTORY_MODE);
            root.chmod(name, DIRECTORY_MODE);
        }
    }

    private Volume volume(MountPoint point) {
        return volumes.get(String.valueOf(point.name()));
    }

    private void fill(Container container, Directory root, MountPoint point) throws IOException {
        Path path = Path.of(container.readWriteLayer().mountPoint() + point.destination());
        Optional<Directory> found = open(root, point, path);
        if (found.isPresent()) {
            try (Directory content = found.get()) {
                volumes.fill(volume(point), container.id(), target -> copy(content, point.destination(), target));
            }
        }
    }

    private static void copy(Directory content, String name, Path target) throws IOException {
        Path source = Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd")
                .resolve(Integer.toString(content.fd().number()));
        try {
            Process copy = new ProcessBuilder("cp", "-a", source + "/.", target.toString()).start();
            copy.getOutputStream().close();
            String error = new String(copy.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (copy.waitFor() != 0) {
                throw new IOException("cannot copy the content of " + name + ": " + error.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static Optional<Directory> open(Directory root, MountPoint point, Path path) throws LinuxException {
        try {
            return Optional.of(root.openDirectory(Directory.name(point.destination())));
        } catch (LinuxException e) {
            return switch (e.errno()) {
                case Errno.ENOENT -> Optional.empty();
                case Errno.ENOTDIR ->
                    throw EngineException.system(
                            point.mode().isEmpty()
                                    ? "cannot mount volume over existing file, file exists " + path
                                    : "source " + path + " is not directory",
                            e);
                default -> throw e;
            };
        }
    }
}
