package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What {@code /proc} tells of processes, and what can be done to them by number. */
public final class Processes {
    private static final int START_TIME_AFTER_NAME = 19;

    private Processes() {}

    /** The random name of this boot of the kernel. */
    public static String bootId() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    }

    /** When a process started, in clock ticks since boot (field 22 of {@code /proc/<pid>/stat}); empty where there is none, or a zombie. */
    public static OptionalLong startTime(int pid) {
        try {
            String stat =
                    Files.readString(Path.of("/proc/" + pid + "/stat"), java.nio.charset.StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return fields[0].equals("Z") || fields[0].equals("X")
                    ? OptionalLong.empty()
                    : OptionalLong.of(Long.parseLong(fields[START_TIME_AFTER_NAME]));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** The effective user of this process. */
    public static int effectiveUser() {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(arena, SystemCall.GETEUID, 0);
        }
    }

    /** Sends a signal; ESRCH where there is no such process. A negative number means its process group. */
    public static void kill(int pid, int signal) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.KILL, "process " + pid, call(arena, SystemCall.KILL, pid, signal));
        }
    }

    /**
     * Waits for a child to end and returns how: its exit code, or 128 + the signal that killed it. Blocks: call it on a platform
     * thread.
     */
    public static int await(int pid) throws LinuxException {
        return waitFor(pid, 0).orElseThrow();
    }

    /** The same without waiting; empty while it runs. */
    public static OptionalInt poll(int pid) throws LinuxException {
        int noHang = 1;
        return waitFor(pid, noHang);
    }

    private static OptionalInt waitFor(int pid, int options) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(Native.INT);
            long result;
            do {
                result = call(arena, SystemCall.WAIT4, pid, status.address(), options, 0);
            } while (result == -Errno.EINTR);
            if (check(SystemCall.WAIT4, "process " + pid, result) == 0) {
                return OptionalInt.empty();
            }
            int word = status.get(Native.INT, 0);
            int signal = word & 0x7f;
            return OptionalInt.of(signal == 0 ? word >> 8 & 0xff : 128 + signal);
        }
    }
}
