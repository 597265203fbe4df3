package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;
import static dev.capas.linux.Native.string;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What this mount namespace has mounted, and how that changes. */
public final class Mounts {
    public static final int MS_RDONLY = 1;
    public static final int MS_NOSUID = 2;
    public static final int MS_NODEV = 4;
    public static final int MS_NOEXEC = 8;
    public static final int MS_SYNCHRONOUS = 16;
    public static final int MS_REMOUNT = 32;
    public static final int MS_MANDLOCK = 64;
    public static final int MS_DIRSYNC = 128;
    public static final int MS_NOATIME = 1024;
    public static final int MS_NODIRATIME = 2048;
    public static final int MS_BIND = 4096;
    public static final int MS_REC = 16384;
    public static final int MS_UNBINDABLE = 1 << 17;
    public static final int MS_PRIVATE = 1 << 18;
    public static final int MS_SLAVE = 1 << 19;
    public static final int MS_SHARED = 1 << 20;
    public static final int MS_RELATIME = 1 << 21;
    public static final int MS_STRICTATIME = 1 << 24;

    /** {@code MNT_DETACH}: out of sight at once, gone when nobody uses it. */
    public static final int DETACH = 2;

    private static final int PAGE = 4096;
    /** {@code struct statfs} (statfs(2)), the same on both architectures. */
    private static final int STATFS = 120;

    private static final int FLAGS = 80;
    private static final int SET_STRING = 1;
    private static final int CREATE = 6;
    private static final int CLOEXEC = 1;
    private static final int EMPTY_SOURCE = 4;

    private Mounts() {}

    /** mount(2). */
    public static void mount(String source, Path target, @Nullable String type, int flags, @Nullable String data)
            throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long result = call(
                    arena,
                    SystemCall.MOUNT,
                    string(arena, source),
                    string(arena, target),
                    type == null ? 0 : string(arena, type),
                    flags,
                    data == null ? 0 : string(arena, data));
            check(SystemCall.MOUNT, target.toString(), result);
        }
    }

    /** Shows a directory or file at a second place. */
    public static void bind(Path source, Path target) throws LinuxException {
        mount(source.toString(), target, null, MS_BIND, null);
    }

    /** The mount points below a directory, the latest first, each as often as something is mounted there ({@code proc_pid_mountinfo(5)}). */
    public static List<Path> below(Path directory) throws IOException {
        Path real = directory.toRealPath();
        List<Path> found = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)) {
            Path point = Path.of(unescaped(line.split(" ")[4]));
            if (point.startsWith(real) && !point.equals(real)) {
                found.addFirst(point);
            }
        }
        return found;
    }

    /** The kernel writes blanks, newlines and backslashes as three octal digits. */
    private static String unescaped(String point) {
        String text = point;
        for (String code : List.of("040", "011", "012", "134")) {
            text = text.replace("\\" + code, Character.toString(Integer.parseInt(code, 8)));
        }
        return new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** Sets the propagation of a mount: MS_SHARED, MS_SLAVE or MS_PRIVATE, with MS_REC for all below. */
    public static void propagation(Path target, int flags) throws LinuxException {
        mount("none", target, null, flags, null);
    }

    /** The flags of the mount that a file lies on: of MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME and MS_NODIRATIME. */
    public static int flags(Path file) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment about = arena.allocate(STATFS, 8);
            long result = call(arena, SystemCall.STATFS, string(arena, file), about.address());
            check(SystemCall.STATFS, file.toString(), result);
            return (int) about.get(Native.LONG, FLAGS)
                    & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME);
        }
    }

    /** umount2(2); flags 0 or {@link #DETACH}. May block: call it on a platform thread. */
    public static void unmount(Path target, int flags) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.UMOUNT2, target.toString(), call(arena, SystemCall.UMOUNT2, string(arena, target), flags));
        }
    }

    /** Takes off the topmost mount of a place, also where something in it is in use; does nothing where none is, or no such place. */
    public static void detach(Path target) throws LinuxException {
        try {
            unmount(target, DETACH);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EINVAL && e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /**
     * Mounts an overlay, of up to 500 layers.
     *
     * @param lowers the read-only trees, the topmost first; each may occur once
     * @param upper the writable tree, or null for a read-only overlay
     * @param work the work directory beside it, or null with upper
     * @param options what is added, for example {@code redirect_dir=nofollow}
     */
    public static void overlay(
            List<Path> lowers, @Nullable Path upper, @Nullable Path work, Path target, List<String> options)
            throws LinuxException {
        String writable = upper == null ? "" : ",upperdir=" + escape(upper) + ",workdir=" + escape(work);
        String rest = writable + options.stream().map(option -> "," + option).collect(Collectors.joining());
        String stack = lowers.stream().map(Mounts::escape).collect(Collectors.joining(":"));
        if (stack.length() + rest.length() + "lowerdir=".length() < PAGE) {
            mount("overlay", target, "overlay", 0, "lowerdir=" + stack + rest);
            return;
        }
        if (lowersOneByOne(lowers, upper, work, target, options)) {
            return;
        }
        List<Fd> open = new ArrayList<>();
        try {
            for (Path lower : lowers) {
                open.add(Fd.open(lower, Fd.O_PATH | Fd.O_DIRECTORY, 0));
            }
            stack = open.stream().map(fd -> fd.procPath().toString()).collect(Collectors.joining(":"));
            mount("overlay", target, "overlay", 0, "lowerdir=" + stack + rest);
        } finally {
            open.forEach(Fd::close);
        }
    }

    /** {@code lowerdir+} of Linux 6.8; false where the kernel does not have it. */
    private static boolean lowersOneByOne(
            List<Path> lowers, @Nullable Path upper, @Nullable Path work, Path target, List<String> options)
            throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long opened = call(arena, SystemCall.FSOPEN, string(arena, "overlay"), CLOEXEC);
            if (opened < 0) {
                return false;
            }
            try (Fd context = Fd.of((int) opened)) {
                for (Path lower : lowers) {
                    long result = configure(arena, context, "lowerdir+", lower.toString());
                    if (result == -Errno.EINVAL && lower == lowers.getFirst()) {
                        return false;
                    }
                    check(SystemCall.FSCONFIG, lower.toString(), result);
                }
                if (upper != null && work != null) {
                    check(
                            SystemCall.FSCONFIG,
                            upper.toString(),
                            configure(arena, context, "upperdir", upper.toString()));
                    check(SystemCall.FSCONFIG, work.toString(), configure(arena, context, "workdir", work.toString()));
                }
                for (String option : options) {
                    String[] pair = option.split("=", 2);
                    check(SystemCall.FSCONFIG, option, configure(arena, context, pair[0], pair[1]));
                }
                check(
                        SystemCall.FSCONFIG,
                        target.toString(),
                        call(arena, SystemCall.FSCONFIG, context.number(), CREATE, 0, 0, 0));
                long mounted = call(arena, SystemCall.FSMOUNT, context.number(), CLOEXEC, 0);
                try (Fd mount = Fd.of((int) check(SystemCall.FSMOUNT, target.toString(), mounted))) {
                    long result = call(
                            arena,
                            SystemCall.MOVE_MOUNT,
                            mount.number(),
                            string(arena, ""),
                            Native.CURRENT_DIRECTORY,
                            string(arena, target),
                            EMPTY_SOURCE);
                    check(SystemCall.MOVE_MOUNT, target.toString(), result);
                    return true;
                }
            }
        }
    }

    private static long configure(Arena arena, Fd context, String key, String value) {
        return call(
                arena, SystemCall.FSCONFIG, context.number(), SET_STRING, string(arena, key), string(arena, value), 0);
    }

    private static String escape(@Nullable Path path) {
        return String.valueOf(path).replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,");
    }
}
