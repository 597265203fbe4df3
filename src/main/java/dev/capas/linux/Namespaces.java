package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.lang.foreign.Arena;

/** Namespaces of the calling thread. Only for platform threads that nobody else uses, for it cannot be undone in general. */
public final class Namespaces {
    public static final int CLONE_FS = 0x200;
    public static final int CLONE_NEWNS = 0x20000;
    public static final int CLONE_NEWNET = 0x40000000;

    private Namespaces() {}

    /** Leaves the namespaces of the flags for new ones. */
    public static void unshare(int flags) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.UNSHARE, "namespaces", call(arena, SystemCall.UNSHARE, flags));
        }
    }

    /** Enters the namespace that the descriptor of a {@code /proc/<pid>/ns} file names. */
    public static void enter(Fd namespace, int flag) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.SETNS, namespace.toString(), call(arena, SystemCall.SETNS, namespace.number(), flag));
        }
    }
}
