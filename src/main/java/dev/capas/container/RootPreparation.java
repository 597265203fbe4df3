package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.LayerStore;
import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
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

    RootPreparation(LayerStore layers) {
        this.layers = layers;
    }

    /**
     * Prepares a container that nobody knows of yet.
     *
     * @throws EngineException (500) in Docker's words where something in the image stands in the way
     */
    void prepare(Container container) throws IOException {
        String workingDirectory = container.config().workingDir();
        boolean hasWork = !workingDirectory.isEmpty() && !workingDirectory.equals("/");
        List<MountPoint> volumes = container.mounts().stream()
                .filter(point -> point.takesContent() && isEmpty(Path.of(point.source())))
                .toList();
        if (!hasWork && volumes.isEmpty() || layers.unavailable().isPresent()) {
            return;
        }
        container.readWriteLayer().mount();
        try (Directory root = Directory.open(container.readWriteLayer().mountPoint())) {
            if (hasWork) {
                makeDirectories(root, workingDirectory);
            }
            for (MountPoint volume : volumes) {
                fill(root, volume);
            }
        } finally {
            container.readWriteLayer().unmount();
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

    private static void fill(Directory root, MountPoint volume) throws IOException {
        Optional<Directory> found = open(root, volume.destination());
        if (found.isEmpty()) {
            return;
        }
        try (Directory content = found.get()) {
            Path source = Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd")
                    .resolve(Integer.toString(content.fd().number()));
            Process copy = new ProcessBuilder("cp", "-a", source + "/.", volume.source()).start();
            copy.getOutputStream().close();
            String error = new String(copy.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (copy.waitFor() != 0) {
                throw new IOException("cannot copy the content of " + volume.destination() + ": " + error.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static Optional<Directory> open(Directory root, String path) throws LinuxException {
        try {
            return Optional.of(root.openDirectory(Directory.name(path)));
        } catch (LinuxException e) {
            return switch (e.errno()) {
                case Errno.ENOENT -> Optional.empty();
                case Errno.ENOTDIR -> throw EngineException.system("source " + path + " is not directory", e);
                default -> throw e;
            };
        }
    }

    private static boolean isEmpty(Path directory) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }
}
