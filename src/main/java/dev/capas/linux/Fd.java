package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A file descriptor that this process owns. It is close-on-exec unless something says otherwise. Reads and writes may block the
 * thread, and the carrier with it where the thread is virtual.
 */
public final class Fd implements AutoCloseable {
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_NOCTTY = 0400;
    public static final int O_TRUNC = 01000;
    public static final int O_APPEND = 02000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;
    public static final int O_DIRECTORY = isArm() ? 040000 : 0200000;
    public static final int O_NOFOLLOW = isArm() ? 0100000 : 0400000;

    private static final int CHUNK = 64 << 10;
    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int FD_CLOEXEC = 1;

    private final int number;
    private final AtomicBoolean open = new AtomicBoolean(true);

    private Fd(int number) {
        this.number = number;
    }

    private static boolean isArm() {
        return System.getProperty("os.arch").equals("aarch64");
    }

    /** Takes over a descriptor that nobody else closes. */
    public static Fd of(int number) {
        return new Fd(number);
    }

    /** Opens a path of the daemon's own; close-on-exec is added to the flags. */
    public static Fd open(Path path, int flags, int mode) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long result = call(
                    arena,
                    SystemCall.OPENAT,
                    Native.CURRENT_DIRECTORY,
                    Native.string(arena, path),
                    flags | O_CLOEXEC,
                    mode);
            return new Fd((int) check(SystemCall.OPENAT, path.toString(), result));
        }
    }

    /** The two ends of a new pipe, both close-on-exec: first the one to read from. */
    public static Fd[] pipe() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(Native.INT, 2);
            check(SystemCall.PIPE2, "pipe", call(arena, SystemCall.PIPE2, ends.address(), O_CLOEXEC));
            return new Fd[] {new Fd(ends.getAtIndex(Native.INT, 0)), new Fd(ends.getAtIndex(Native.INT, 1))};
        }
    }

    /** A counter to wake a {@link Poller} with: writing eight bytes adds, reading them takes it all. */
    public static Fd eventCounter() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            return new Fd((int)
                    check(SystemCall.EVENTFD2, "eventfd", call(arena, SystemCall.EVENTFD2, 0, O_CLOEXEC | O_NONBLOCK)));
        }
    }

    /** Its number. */
    public int number() {
        return number;
    }

    /** Its name below {@code /proc}, for calls that take only paths; good in every process while this one lives. */
    public Path procPath() {
        return Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + number);
    }

    /** Reads up to this many bytes; -1 at the end. Throws EAGAIN where it is non-blocking and has nothing. */
    public int read(byte[] buffer, int offset, int length) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.max(1, length));
            int n = (int) check(SystemCall.READ, label(), call(arena, SystemCall.READ, number, copy.address(), length));
            MemorySegment.copy(copy, Native.BYTE, 0, buffer, offset, n);
            return n == 0 && length > 0 ? -1 : n;
        }
    }

    /** Reads at a position without moving; -1 at the end. */
    public int read(byte[] buffer, int offset, int length, long position) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.max(1, length));
            int n = (int) check(
                    SystemCall.PREAD64,
                    label(),
                    call(arena, SystemCall.PREAD64, number, copy.address(), length, position));
            MemorySegment.copy(copy, Native.BYTE, 0, buffer, offset, n);
            return n == 0 && length > 0 ? -1 : n;
        }
    }

    /** Reads straight into native memory; 0 at the end. */
    public int read(MemorySegment buffer) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) check(
                    SystemCall.READ,
                    label(),
                    call(arena, SystemCall.READ, number, buffer.address(), buffer.byteSize()));
        }
    }

    /** Writes some of these bytes, and says how many. Throws EAGAIN where it is non-blocking and full. */
    public int write(byte[] bytes, int offset, int length) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.max(1, length));
            MemorySegment.copy(bytes, offset, copy, Native.BYTE, 0, length);
            return (int)
                    check(SystemCall.WRITE, label(), call(arena, SystemCall.WRITE, number, copy.address(), length));
        }
    }

    /** Writes all of these bytes. */
    public void writeAll(byte[] bytes, int offset, int length) throws LinuxException {
        for (int done = 0; done < length; ) {
            done += write(bytes, offset + done, Math.min(CHUNK, length - done));
        }
    }

    /** Writes all of a piece of native memory. */
    public void writeAll(MemorySegment bytes) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            for (long done = 0; done < bytes.byteSize(); ) {
                done += check(
                        SystemCall.WRITE,
                        label(),
                        call(arena, SystemCall.WRITE, number, bytes.address() + done, bytes.byteSize() - done));
            }
        }
    }

    /** Sets the length of the file in bytes. */
    public void truncate(long length) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.FTRUNCATE, label(), call(arena, SystemCall.FTRUNCATE, number, length));
        }
    }

    /** Has the file system set aside room for these bytes; the length of the file stays. */
    public void allocate(long offset, long length) throws LinuxException {
        int keepSize = 1;
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.FALLOCATE, label(), call(arena, SystemCall.FALLOCATE, number, keepSize, offset, length));
        }
    }

    /** Moves to a position counted from the start, and returns it. */
    public long seek(long position) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            return check(SystemCall.LSEEK, label(), call(arena, SystemCall.LSEEK, number, position, 0));
        }
    }

    /** Copies up to this many bytes from another file within the kernel, and says how many; 0 at its end. */
    public long copyFrom(Fd source, long length) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            return check(
                    SystemCall.COPY_FILE_RANGE,
                    label(),
                    call(arena, SystemCall.COPY_FILE_RANGE, source.number, 0, number, 0, length, 0));
        }
    }

    /** Sets the permission bits of the file. */
    public void chmod(int mode) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.FCHMOD, label(), call(arena, SystemCall.FCHMOD, number, mode));
        }
    }

    /** Waits until the file's content is on the disk. */
    public void sync() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.FSYNC, label(), call(arena, SystemCall.FSYNC, number));
        }
    }

    /** Waits until all of the file system that it lies on is on the disk. */
    public void syncFileSystem() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.SYNCFS, label(), call(arena, SystemCall.SYNCFS, number));
        }
    }

    /** Locks the file for this descriptor alone; false where another one holds it. Never waits. */
    public boolean tryLock() throws LinuxException {
        int exclusiveWithoutWaiting = 2 | 4;
        try (Arena arena = Arena.ofConfined()) {
            long result = call(arena, SystemCall.FLOCK, number, exclusiveWithoutWaiting);
            if (result == -Errno.EAGAIN) {
                return false;
            }
            check(SystemCall.FLOCK, label(), result);
            return true;
        }
    }

    /** What it refers to. */
    public Stat stat() throws LinuxException {
        return Stat.of(number, new byte[0], Stat.EMPTY_PATH);
    }

    /** Another descriptor for the same open file, close-on-exec. */
    public Fd duplicate() throws LinuxException {
        return duplicateFrom(0);
    }

    /**
     * Another descriptor of a channel's socket. It stays valid when the channel is closed, and keeps the connection from ending.
     *
     * @throws IllegalStateException if the JVM does not export {@code sun.nio.ch}, which alone knows the number
     */
    public static Fd duplicateOf(SocketChannel channel) throws LinuxException {
        return new Fd(numberOf(channel)).duplicate();
    }

    /** Has the channel work on what this refers to in place of its own socket; both stay to be closed. */
    void replace(SelectableChannel channel) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.DUP3, label(), call(arena, SystemCall.DUP3, number, numberOf(channel), O_CLOEXEC));
        }
    }

    private static int numberOf(SelectableChannel channel) {
        try {
            Method number = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
            return (int) number.invoke(channel);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("start the JVM with --add-exports java.base/sun.nio.ch=ALL-UNNAMED", e);
        }
    }

    /** The same, with the lowest free number from this one on. */
    Fd duplicateFrom(int lowest) throws LinuxException {
        int duplicateCloexec = 1030;
        try (Arena arena = Arena.ofConfined()) {
            long result = call(arena, SystemCall.FCNTL, number, duplicateCloexec, lowest);
            return new Fd((int) check(SystemCall.FCNTL, label(), result));
        }
    }

    /** Whether programs that this process starts by a plain exec lose it. */
    public void closeOnExec(boolean lose) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long flags = check(SystemCall.FCNTL, label(), call(arena, SystemCall.FCNTL, number, F_GETFD));
            check(
                    SystemCall.FCNTL,
                    label(),
                    call(arena, SystemCall.FCNTL, number, F_SETFD, lose ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC));
        }
    }

    /** Whether a read or write that cannot go on at once fails with EAGAIN. */
    public void nonBlocking(boolean fail) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long flags = check(SystemCall.FCNTL, label(), call(arena, SystemCall.FCNTL, number, F_GETFL));
            check(
                    SystemCall.FCNTL,
                    label(),
                    call(arena, SystemCall.FCNTL, number, F_SETFL, fail ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
        }
    }

    /** A stream that reads from where the descriptor stands; closing it closes the descriptor. */
    public InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return Fd.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return Fd.this.read(buffer, offset, Math.min(length, CHUNK));
            }

            @Override
            public void close() {
                Fd.this.close();
            }
        };
    }

    /** A stream that writes to where the descriptor stands; closing it closes the descriptor. */
    public OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                writeAll(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                writeAll(bytes, offset, length);
            }

            @Override
            public void close() {
                Fd.this.close();
            }
        };
    }

    /** Closes it, once. */
    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            try (Arena arena = Arena.ofConfined()) {
                call(arena, SystemCall.CLOSE, number);
            }
        }
    }

    @Override
    public String toString() {
        return label();
    }

    private String label() {
        return "fd " + number;
    }
}
