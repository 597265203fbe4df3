package dev.capas.container.spec;

import dev.capas.container.HostConfig;
import dev.capas.errdefs.EngineException;
import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The {@code /dev/shm} of a container that lets others join its IPC namespace: a tmpfs in its directory, mounted in all of them. */
final class SharedMemory {
    private static final long DEFAULT_SIZE = 64 << 20;
    private static final String NAME = "shm";

    private SharedMemory() {}

    /** In bytes. */
    static long size(HostConfig config) {
        return config.shmSize() == 0 ? DEFAULT_SIZE : config.shmSize();
    }

    /** Where the shared memory of a container that does not have its own is found. */
    static Path source(SpecRequest request) {
        if (request.hostConfig().ipcMode().equals("host")) {
            return Path.of("/dev/shm");
        }
        Path directory = request.joined().ipc() == null
                ? request.directory()
                : request.joined().ipc().directory();
        return directory.resolve(NAME);
    }

    /** Mounts it where the container is to share it; does nothing where it is mounted, or is not to be shared. */
    static void mount(SpecRequest request) throws IOException {
        if (!request.hostConfig().ipcMode().equals("shareable")) {
            return;
        }
        Path directory = Files.createDirectories(request.directory().resolve(NAME));
        if (!mounted(directory)) {
            Mounts.mount(
                    "shm",
                    directory,
                    "tmpfs",
                    Mounts.MS_NOSUID | Mounts.MS_NOEXEC | Mounts.MS_NODEV,
                    "mode=1777,size=" + size(request.hostConfig()));
        }
    }

    /** Unmounts it; does nothing where it is not mounted. */
    static void unmount(Path containerDirectory) throws IOException {
        Path directory = containerDirectory.resolve(NAME);
        if (Files.isDirectory(directory)) {
            try {
                Mounts.unmount(directory, Mounts.DETACH);
            } catch (LinuxException e) {
                if (e.errno() != Errno.EINVAL) {
                    throw EngineException.system("failed to unmount " + directory + ": " + e.reason(), e);
                }
            }
        }
    }

    private static boolean mounted(Path directory) throws IOException {
        return !Objects.equals(
                Files.getAttribute(directory, "unix:dev"), Files.getAttribute(directory.getParent(), "unix:dev"));
    }
}
