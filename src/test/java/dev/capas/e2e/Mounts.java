package dev.capas.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What is mounted on this machine, as the kernel tells it. */
final class Mounts {
    private Mounts() {}

    /** The mount points below a directory, the innermost first. */
    static List<String> below(Path directory) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .map(line -> line.split(" ")[4])
                .filter(point -> point.startsWith(directory + "/"))
                .toList()
                .reversed();
    }

    static void unmountBelow(Path directory) throws IOException {
        for (String point : below(directory)) {
            Command.run("umount", "-l", point);
        }
    }
}
