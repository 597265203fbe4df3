package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Unix sockets of the kinds that Java does not have: packets in sequence, and descriptors that come with a message. */
public final class UnixSocket {
    /** A byte stream. */
    public static final int STREAM = 1;
    /** Packets in sequence. */
    public static final int SEQPACKET = 5;

    private static final int AF_UNIX = 1;
    private static final int CLOEXEC = 02000000;
    private static final int NONBLOCK = 04000;
    private static final int NO_SIGNAL = 0x4000;
    private static final int LONGEST_NAME = 107;
    private static final int MESSAGE = 56;
    private static final int CONTROL = 64;

    private UnixSocket() {}

    /**
     * Connects to the socket of this name in the directory, however long the directory's path is. Never waits.
     *
     * @throws LinuxException EAGAIN where whoever listens there takes no connections and others wait already
     */
    public static Fd connect(Path directory, String name, int type) throws LinuxException {
        Fd socket = withAddress(directory, name, type | NONBLOCK, SystemCall.CONNECT);
        socket.nonBlocking(false);
        return socket;
    }

    /** Makes a socket of this name in the directory and listens on it. */
    public static Fd listen(Path directory, String name, int type) throws LinuxException {
        Fd socket = withAddress(directory, name, type, SystemCall.BIND);
        int backlog = 16;
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.LISTEN, name, call(arena, SystemCall.LISTEN, socket.number(), backlog));
        }
        return socket;
    }

    /** Takes the next connection. Blocks. */
    public static Fd accept(Fd listener) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long result = call(arena, SystemCall.ACCEPT4, listener.number(), 0, 0, CLOEXEC);
            return Fd.of((int) check(SystemCall.ACCEPT4, listener.toString(), result));
        }
    }

    /** Sends one packet or some bytes, and says how many; never raises SIGPIPE. */
    public static int send(Fd socket, byte[] bytes, int offset, int length) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.max(1, length));
            MemorySegment.copy(bytes, offset, copy, Native.BYTE, 0, length);
            long result = call(arena, SystemCall.SENDTO, socket.number(), copy.address(), length, NO_SIGNAL, 0, 0);
            return (int) check(SystemCall.SENDTO, socket.toString(), result);
        }
    }

    /** Says that nothing more will be sent. */
    public static void shutdownWrite(Fd socket) throws LinuxException {
        int write = 1;
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.SHUTDOWN, socket.toString(), call(arena, SystemCall.SHUTDOWN, socket.number(), write));
        }
    }

    /** Receives the descriptor that a message brings (SCM_RIGHTS), as an OCI runtime sends that of a terminal. Blocks. */
    public static Fd receiveDescriptor(Fd socket) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(256);
            MemorySegment control = arena.allocate(CONTROL, 8);
            MemorySegment vector = arena.allocate(Native.LONG, 2);
            vector.setAtIndex(Native.LONG, 0, data.address());
            vector.setAtIndex(Native.LONG, 1, data.byteSize());
            MemorySegment message = arena.allocate(MESSAGE, 8);
            message.set(Native.LONG, 16, vector.address());
            message.set(Native.LONG, 24, 1);
            message.set(Native.LONG, 32, control.address());
            message.set(Native.LONG, 40, CONTROL);
            int cloexec = 0x40000000;
            long result = call(arena, SystemCall.RECVMSG, socket.number(), message.address(), cloexec);
            check(SystemCall.RECVMSG, socket.toString(), result);
            if (message.get(Native.LONG, 40) < 20) {
                throw new LinuxException("recvmsg", Errno.EINVAL, socket.toString());
            }
            return Fd.of(control.get(Native.INT, 16));
        }
    }

    private static Fd withAddress(Path directory, String name, int type, SystemCall how) throws LinuxException {
        try (Arena arena = Arena.ofConfined();
                Fd parent = Fd.open(directory, Fd.O_PATH | Fd.O_DIRECTORY, 0)) {
            byte[] path = (parent.procPath() + "/" + name).getBytes(StandardCharsets.UTF_8);
            if (path.length > LONGEST_NAME) {
                throw new LinuxException(how.toString(), Errno.ENAMETOOLONG, name);
            }
            long made = check(SystemCall.SOCKET, name, call(arena, SystemCall.SOCKET, AF_UNIX, type | CLOEXEC, 0));
            Fd socket = Fd.of((int) made);
            MemorySegment address = arena.allocate(2 + LONGEST_NAME + 1, 8);
            address.set(Native.SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(path, 0, address, Native.BYTE, 2, path.length);
            long result = call(arena, how, socket.number(), address.address(), 2 + path.length + 1);
            if (result < 0) {
                socket.close();
                throw new LinuxException(
                        how.toString(), (int) -result, directory.resolve(name).toString());
            }
            return socket;
        }
    }
}
