package dev.capas.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** What the machine is and has, as the kernel tells it. */
final class Host {
    private static final Path CGROUP = Path.of("/sys/fs/cgroup");

    private Host() {}

    static String kernelVersion() {
        return line(Path.of("/proc/sys/kernel/osrelease")).orElse("");
    }

    static String name() {
        return line(Path.of("/proc/sys/kernel/hostname")).orElse("");
    }

    static String operatingSystem() {
        return osRelease("PRETTY_NAME").orElse("Linux");
    }

    static String operatingSystemVersion() {
        return osRelease("VERSION_ID").orElse("");
    }

    private static Optional<String> osRelease(String key) {
        try (Stream<String> lines = Files.lines(Path.of("/etc/os-release"))) {
            return lines.filter(line -> line.startsWith(key + "="))
                    .map(line -> line.substring(key.length() + 1).replace("\"", ""))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** All memory of the machine, in bytes. */
    static long memory() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemTotal:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** The architecture as {@code uname -m} names it. */
    static String machine() {
        return System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
    }

    /** The architecture as Go and image manifests name it. */
    static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : System.getProperty("os.arch");
    }

    static boolean forwardsIpv4() {
        return line(Path.of("/proc/sys/net/ipv4/ip_forward"))
                .filter("1"::equals)
                .isPresent();
    }

    /** The file system below a directory, as {@code statfs} names it to Docker's users: extfs, xfs, btrfs, … */
    static String fileSystem(Path directory) {
        try {
            String type = Files.getFileStore(directory).type();
            return type.startsWith("ext") ? "extfs" : type;
        } catch (IOException e) {
            return "unknown";
        }
    }

    static int openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return (int) files.count();
        } catch (IOException e) {
            return -1;
        }
    }

    /** Whether the unified cgroup hierarchy rules this machine alone. */
    static boolean unifiedCgroups() {
        return Files.exists(CGROUP.resolve("cgroup.controllers"));
    }

    /** Whether a cgroup can have this: the controller on the unified hierarchy, the file of the controller on the old one. */
    static boolean limits(String controller, String oldFile) {
        if (unifiedCgroups()) {
            return line(CGROUP.resolve("cgroup.controllers"))
                    .filter(all -> Arrays.asList(all.split(" ")).contains(controller))
                    .isPresent();
        }
        return oldFile.isEmpty()
                ? Files.isDirectory(CGROUP.resolve(controller))
                : Files.exists(CGROUP.resolve(controller).resolve(oldFile));
    }

    private static Optional<String> line(Path file) {
        try {
            return Optional.of(Files.readString(file).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
