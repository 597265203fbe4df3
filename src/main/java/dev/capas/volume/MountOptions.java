package dev.capas.volume;

import dev.capas.linux.LinuxException;
import dev.capas.linux.Mounts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is mounted on a volume, as {@code mount(8)} would be told.
 *
 * @param type of file system; empty or {@code none} for a bind mount
 * @param device what is mounted
 * @param options separated by commas: flags of the mount, and what the file system is told
 */
record MountOptions(String type, String device, String options) {
    private static final Map<String, Integer> SET = Map.ofEntries(
            Map.entry("ro", Mounts.MS_RDONLY),
            Map.entry("nosuid", Mounts.MS_NOSUID),
            Map.entry("nodev", Mounts.MS_NODEV),
            Map.entry("noexec", Mounts.MS_NOEXEC),
            Map.entry("sync", Mounts.MS_SYNCHRONOUS),
            Map.entry("remount", Mounts.MS_REMOUNT),
            Map.entry("mand", Mounts.MS_MANDLOCK),
            Map.entry("dirsync", Mounts.MS_DIRSYNC),
            Map.entry("noatime", Mounts.MS_NOATIME),
            Map.entry("nodiratime", Mounts.MS_NODIRATIME),
            Map.entry("bind", Mounts.MS_BIND),
            Map.entry("rbind", Mounts.MS_BIND | Mounts.MS_REC),
            Map.entry("unbindable", Mounts.MS_UNBINDABLE),
            Map.entry("runbindable", Mounts.MS_UNBINDABLE | Mounts.MS_REC),
            Map.entry("private", Mounts.MS_PRIVATE),
            Map.entry("rprivate", Mounts.MS_PRIVATE | Mounts.MS_REC),
            Map.entry("slave", Mounts.MS_SLAVE),
            Map.entry("rslave", Mounts.MS_SLAVE | Mounts.MS_REC),
            Map.entry("shared", Mounts.MS_SHARED),
            Map.entry("rshared", Mounts.MS_SHARED | Mounts.MS_REC),
            Map.entry("relatime", Mounts.MS_RELATIME),
            Map.entry("strictatime", Mounts.MS_STRICTATIME));
    private static final Map<String, Integer> CLEARED = Map.ofEntries(
            Map.entry("defaults", 0),
            Map.entry("rw", Mounts.MS_RDONLY),
            Map.entry("suid", Mounts.MS_NOSUID),
            Map.entry("dev", Mounts.MS_NODEV),
            Map.entry("exec", Mounts.MS_NOEXEC),
            Map.entry("async", Mounts.MS_SYNCHRONOUS),
            Map.entry("nomand", Mounts.MS_MANDLOCK),
            Map.entry("atime", Mounts.MS_NOATIME),
            Map.entry("diratime", Mounts.MS_NODIRATIME),
            Map.entry("norelatime", Mounts.MS_RELATIME),
            Map.entry("nostrictatime", Mounts.MS_STRICTATIME));
    private static final int PROPAGATION =
            Mounts.MS_SHARED | Mounts.MS_PRIVATE | Mounts.MS_SLAVE | Mounts.MS_UNBINDABLE;
    private static final int READ_ONLY_BIND = Mounts.MS_BIND | Mounts.MS_RDONLY;
    private static final Set<String> REMOTE = Set.of("nfs", "cifs");

    /** Whether anything is mounted. */
    boolean isPresent() {
        return !device.isEmpty() || !type.isEmpty();
    }

    /**
     * Mounts it. May block for as long as a server does not answer.
     *
     * @throws IOException in dockerd's words
     */
    void mount(Path target) throws IOException {
        if (device.isEmpty()) {
            throw new IOException("missing device in volume options");
        }
        String given = REMOTE.contains(type) ? resolved() : options;
        int flags = 0;
        List<String> data = new ArrayList<>();
        for (String option : given.isEmpty() ? new String[0] : given.split(",")) {
            if (SET.containsKey(option)) {
                flags |= SET.get(option);
            } else if (CLEARED.containsKey(option)) {
                flags &= ~CLEARED.get(option);
            } else {
                data.add(option);
            }
        }
        mount(target, flags, String.join(",", data));
    }

    private void mount(Path target, int flags, String data) throws IOException {
        int first = flags & ~PROPAGATION;
        try {
            Mounts.mount(device, target, type, first, data);
            if ((flags & PROPAGATION) != 0) {
                Mounts.propagation(target, flags & (PROPAGATION | Mounts.MS_REC));
            }
            if ((first & READ_ONLY_BIND) == READ_ONLY_BIND) {
                Mounts.mount("", target, null, first | Mounts.MS_REMOUNT, null);
            }
        } catch (LinuxException e) {
            throw new IOException(
                    "failed to mount local volume: mount " + device + ":" + target
                            + (first == 0 ? "" : ", flags: 0x" + Integer.toHexString(first))
                            + (data.isEmpty()
                                    ? ""
                                    : ", data: " + data.replaceAll("password=[^,]*", "password=********"))
                            + ": " + e.reason(),
                    e);
        }
    }

    /** With the address of the server in place of its name, which the kernel does not look up. */
    private String resolved() throws IOException {
        List<String> all = new ArrayList<>();
        for (String option : options.split(",")) {
            all.add(option.startsWith("addr=") ? "addr=" + address(option.substring("addr=".length())) : option);
        }
        return String.join(",", all);
    }

    private static String address(String host) throws IOException {
        try {
            return InetAddress.getByName(host).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IOException(
                    "error resolving passed in network volume address: lookup " + host + ": no such host", e);
        }
    }
}
