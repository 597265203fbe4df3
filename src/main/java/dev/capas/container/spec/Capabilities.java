package dev.capas.container.spec;

import dev.capas.errdefs.EngineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The capabilities of a container's processes: Docker's default set, changed by what its creator adds and drops. */
public final class Capabilities {
    /** All that Linux has, by number ({@code capabilities(7)}). */
    private static final List<String> KNOWN = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "DAC_READ_SEARCH",
            "FOWNER",
            "FSETID",
            "KILL",
            "SETGID",
            "SETUID",
            "SETPCAP",
            "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE",
            "NET_BROADCAST",
            "NET_ADMIN",
            "NET_RAW",
            "IPC_LOCK",
            "IPC_OWNER",
            "SYS_MODULE",
            "SYS_RAWIO",
            "SYS_CHROOT",
            "SYS_PTRACE",
            "SYS_PACCT",
            "SYS_ADMIN",
            "SYS_BOOT",
            "SYS_NICE",
            "SYS_RESOURCE",
            "SYS_TIME",
            "SYS_TTY_CONFIG",
            "MKNOD",
            "LEASE",
            "AUDIT_WRITE",
            "AUDIT_CONTROL",
            "SETFCAP",
            "MAC_OVERRIDE",
            "MAC_ADMIN",
            "SYSLOG",
            "WAKE_ALARM",
            "BLOCK_SUSPEND",
            "AUDIT_READ",
            "PERFMON",
            "BPF",
            "CHECKPOINT_RESTORE");

    /** What Docker gives every container. */
    private static final List<String> DEFAULT = prefixed(List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "FSETID",
            "FOWNER",
            "MKNOD",
            "NET_RAW",
            "SETGID",
            "SETUID",
            "SETFCAP",
            "SETPCAP",
            "NET_BIND_SERVICE",
            "SYS_CHROOT",
            "KILL",
            "AUDIT_WRITE"));

    private static final String ALL = "ALL";

    private Capabilities() {}

    /**
     * The names as the specification has them.
     *
     * @throws EngineException for a name that is not known, or not to be had here
     */
    public static List<String> of(@Nullable List<String> add, @Nullable List<String> drop, boolean privileged) {
        List<String> added = normalized("CapAdd", add);
        List<String> dropped = normalized("CapDrop", drop);
        if (privileged) {
            return available();
        }
        if (added.contains(ALL)) {
            return available().stream().filter(name -> !dropped.contains(name)).toList();
        }
        Set<String> result = new LinkedHashSet<>();
        if (!dropped.contains(ALL)) {
            DEFAULT.stream().filter(name -> !dropped.contains(name)).forEach(result::add);
        }
        result.addAll(added);
        return List.copyOf(result);
    }

    /** All that the engine has itself, and so can give. */
    public static List<String> available() {
        long bounding = Bounding.SET;
        List<String> names = new ArrayList<>();
        for (int number = 0; number < KNOWN.size(); number++) {
            if ((bounding & 1L << number) != 0) {
                names.add("CAP_" + KNOWN.get(number));
            }
        }
        return names;
    }

    private static List<String> normalized(String field, @Nullable List<String> names) {
        List<String> result = new ArrayList<>();
        for (String given : names == null ? List.<String>of() : names) {
            String name = given.toUpperCase(Locale.ROOT);
            if (name.equals(ALL)) {
                result.add(ALL);
                continue;
            }
            name = name.startsWith("CAP_") ? name : "CAP_" + name;
            if (!KNOWN.contains(name.substring(4))) {
                throw EngineException.invalidParameter("invalid " + field + ": unknown capability: \"" + name + '"');
            }
            if (!available().contains(name)) {
                throw EngineException.invalidParameter("invalid " + field
                        + ": capability not supported by your kernel or not available in the current environment: \""
                        + name + '"');
            }
            result.add(name);
        }
        return result;
    }

    private static List<String> prefixed(List<String> names) {
        return names.stream().map(name -> "CAP_" + name).toList();
    }

    /** The bounding set of this process, read once. */
    private static final class Bounding {
        static final long SET = read();

        private static long read() {
            try {
                return Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("CapBnd:"))
                        .mapToLong(line -> Long.parseUnsignedLong(
                                line.substring(line.indexOf(':') + 1).trim(), 16))
                        .findFirst()
                        .orElse(-1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
