package dev.capas.container.spec;

import dev.capas.container.MountPoint;
import dev.capas.errdefs.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What shared and slave bind mounts need: a mount of the host below which the source lies that lets events through, and a root
 * that is no more private than they are ({@code mount_namespaces(7)}).
 */
final class Propagation {
    /** A line of {@code /proc/self/mountinfo} ({@code proc_pid_mountinfo(5)}). */
    private record HostMount(Path target, boolean shared, boolean slave) {}

    private Propagation() {}

    /**
     * The propagation of the container's root, null for the default.
     *
     * @throws EngineException where the source lies on a mount that is private
     */
    static @Nullable String ofRoot(List<MountPoint> points) throws IOException {
        return ofRoot(points, Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1));
    }

    /** The same where the host has these mounts. */
    static @Nullable String ofRoot(List<MountPoint> points, List<String> mountinfo) throws IOException {
        @Nullable String root = null;
        for (MountPoint point : points) {
            switch (point.propagation()) {
                case "shared", "rshared" -> {
                    HostMount mount = mountOf(point, mountinfo);
                    if (!mount.shared) {
                        throw wrong(point, mount, "a shared");
                    }
                    root = "shared";
                }
                case "slave", "rslave" -> {
                    HostMount mount = mountOf(point, mountinfo);
                    if (!mount.shared && !mount.slave) {
                        throw wrong(point, mount, "a shared or slave");
                    }
                    root = root == null ? "rslave" : root;
                }
                default -> {}
            }
        }
        return root;
    }

    private static HostMount mountOf(MountPoint point, List<String> mountinfo) throws IOException {
        Path source = Path.of(point.source()).toRealPath();
        HostMount best = new HostMount(Path.of("/"), false, false);
        for (HostMount mount : hostMounts(mountinfo)) {
            if (source.startsWith(mount.target) && mount.target.getNameCount() >= best.target.getNameCount()) {
                best = mount;
            }
        }
        return best;
    }

    private static List<HostMount> hostMounts(List<String> mountinfo) {
        List<HostMount> mounts = new ArrayList<>();
        for (String line : mountinfo) {
            String[] fields = line.split(" ");
            boolean shared = false;
            boolean slave = false;
            for (int index = 6; index < fields.length && !fields[index].equals("-"); index++) {
                shared |= fields[index].startsWith("shared:");
                slave |= fields[index].startsWith("master:");
            }
            mounts.add(new HostMount(Path.of(fields[4].replace("\\040", " ")), shared, slave));
        }
        return mounts;
    }

    private static EngineException wrong(MountPoint point, HostMount mount, String wanted) {
        return EngineException.system(
                "path " + point.source() + " is mounted on " + mount.target + " but it is not " + wanted + " mount",
                null);
    }
}
