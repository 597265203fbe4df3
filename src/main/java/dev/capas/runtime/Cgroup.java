package dev.capas.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/** Where the kernel accounts for a container: found by its init, since the path depends on how the machine mounts cgroups. */
final class Cgroup {
    private static final List<CgroupMount> MOUNTS = mounts();
    private static final String CONMONS = "capas-conmon";
    private static final int ATTEMPTS = 5;

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

    /**
     * Takes a process out of the cgroups of the daemon: what holds containers is not accounted to the daemon, and does not end with the
     * service that the daemon is. It stays in those that the machine does not let it leave.
     */
    static void setApart(int pid) throws IOException {
        for (Path group : everywhere(CONMONS)) {
            attempt(group, () -> enter(group, pid));
        }
    }

    /** Another engine that ends may remove the empty group between the two steps. */
    private static void enter(Path group, int pid) throws IOException {
        for (int left = ATTEMPTS; ; left--) {
            Files.createDirectories(group);
            try {
                Files.writeString(group.resolve("cgroup.procs"), Integer.toString(pid), StandardOpenOption.WRITE);
                return;
            } catch (NoSuchFileException e) {
                if (left == 1) {
                    throw e;
                }
            }
        }
    }

    /** Removes the cgroups that {@link #setApart} made, where nothing is in them. */
    static void removeApart() throws IOException {
        remove(CONMONS);
    }

    /** Removes a cgroup from every hierarchy where nothing is in it. Whether none is left. */
    static boolean remove(String path) throws IOException {
        boolean gone = true;
        for (Path group : everywhere(path.replaceFirst("^/+", ""))) {
            gone &= attempt(group, () -> Files.deleteIfExists(group));
        }
        return gone;
    }

    private interface Attempt {
        void make() throws IOException;
    }

    private static boolean attempt(Path group, Attempt attempt) {
        try {
            attempt.make();
            return true;
        } catch (IOException e) {
            System.getLogger(Cgroup.class.getName()).log(System.Logger.Level.DEBUG, group + " stays as it is", e);
            return false;
        }
    }

    /** A path in every hierarchy of this machine, below what is mounted of it here. */
    private static List<Path> everywhere(String path) {
        return MOUNTS.stream().map(mount -> mount.directory().resolve(path)).toList();
    }

    /** The directory of a process for a v1 controller, or for v2 where the name is empty. */
    static Optional<Path> of(int pid, String controller) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
            String[] parts = line.split(":", 3);
            if (controller.isEmpty()
                    ? parts[1].isEmpty()
                    : List.of(parts[1].split(",")).contains(controller)) {
                return MOUNTS.stream()
                        .filter(mount -> mount.holds(parts[1]))
                        .map(mount -> mount.resolve(parts[2]))
                        .filter(Files::isDirectory)
                        .findFirst();
            }
        }
        return Optional.empty();
    }

    private static List<CgroupMount> mounts() {
        try {
            return CgroupMount.of(Files.readAllLines(Path.of("/proc/self/mountinfo")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
