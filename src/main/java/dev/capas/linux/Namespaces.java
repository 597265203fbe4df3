package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Namespaces of the calling thread. Only for platform threads that nobody else uses, for it cannot be undone in general. */
public final class Namespaces {
    public static final int CLONE_FS = 0x200;
    public static final int CLONE_NEWNS = 0x20000;
    public static final int CLONE_NEWNET = 0x40000000;

    /** {@code struct ifreq} and the length of the name in it (netdevice(7)). */
    private static final int INTERFACE_REQUEST = 40;

    private static final int INTERFACE_NAME = 16;

    private Namespaces() {}

    /** Leaves the namespaces of the flags for new ones. */
    public static void unshare(int flags) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.UNSHARE, "namespaces", call(arena, SystemCall.UNSHARE, flags));
        }
    }

    /** Leaves the network namespace for a new one, whose loopback is up, and returns a descriptor of that. */
    public static Fd newNetwork() throws LinuxException {
        unshare(CLONE_NEWNET);
        int getFlags = 0x8913;
        int setFlags = 0x8914;
        short up = 1;
        try (Arena arena = Arena.ofConfined()) {
            long made = call(arena, SystemCall.SOCKET, InetSocket.INET, InetSocket.DATAGRAM | Fd.O_CLOEXEC, 0);
            try (Fd any = Fd.of((int) check(SystemCall.SOCKET, "lo", made))) {
                MemorySegment request = arena.allocate(INTERFACE_REQUEST, 8);
                request.setString(0, "lo");
                check(SystemCall.IOCTL, "lo", call(arena, SystemCall.IOCTL, any.number(), getFlags, request.address()));
                short flags = request.get(Native.SHORT, INTERFACE_NAME);
                request.set(Native.SHORT, INTERFACE_NAME, (short) (flags | up));
                check(SystemCall.IOCTL, "lo", call(arena, SystemCall.IOCTL, any.number(), setFlags, request.address()));
            }
        }
        return Fd.open(Path.of("/proc/thread-self/ns/net"), Fd.O_RDONLY, 0);
    }

    /** Enters the namespace that the descriptor of a {@code /proc/<pid>/ns} file names. */
    public static void enter(Fd namespace, int flag) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.SETNS, namespace.toString(), call(arena, SystemCall.SETNS, namespace.number(), flag));
        }
    }
}
