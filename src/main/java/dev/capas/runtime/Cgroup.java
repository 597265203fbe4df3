package dev.capas.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where the kernel accounts for a container: found by its init, since the path depends on how the machine mounts cgroups. */
final class Cgroup {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    private Cgroup() {}

    /** Freezes or thaws all processes of a container. */
    static void freeze(int init, boolean frozen) throws IOException {
        Optional<Path> v1 = of(init, "freezer");
        if (v1.isPresent()) {
            Files.writeString(v1.get().resolve("freezer.state"), frozen ? "FROZEN" : "THAWED");
            return;
        }
        Path v2 = of(init, "").orElseThrow(() -> new NoSuchFileException("cgroup of process " + init));
        Files.writeString(v2.resolve("cgroup.freeze"), frozen ? "1" : "0");
    }

    /** The directory of a process for a v1 controller, or for v2 where the name is empty. */
    static Optional<Path> of(int pid, String controller) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
            String[] parts = line.split(":", 3);
            if (controller.isEmpty()
                    ? parts[1].isEmpty()
                    : List.of(parts[1].split(",")).contains(controller)) {
                Path mount = controller.isEmpty() && Files.isDirectory(ROOT.resolve("unified"))
                        ? ROOT.resolve("unified")
                        : ROOT.resolve(parts[1]);
                Path directory = mount.resolve(parts[2].substring(1));
                return Files.isDirectory(directory) ? Optional.of(directory) : Optional.empty();
            }
        }
        return Optional.empty();
    }
}
