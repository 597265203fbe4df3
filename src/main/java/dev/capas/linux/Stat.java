package dev.capas.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the kernel knows of a file (statx).
 *
 * @param device the file system it lies on, as major &lt;&lt; 32 | minor
 * @param inode its number there
 * @param mode type and permission bits
 * @param links how many names it has
 * @param uid its owner
 * @param gid its group
 * @param rdevMajor for a device, its major number
 * @param rdevMinor for a device, its minor number
 * @param size the apparent length in bytes
 * @param blocks the allocated length in units of 512 bytes
 * @param atime last access in seconds since 1970
 * @param atimeNanos and nanoseconds
 * @param mtime last change of the content in seconds since 1970
 * @param mtimeNanos and nanoseconds
 * @param ctime last change of the inode in seconds since 1970
 * @param ctimeNanos and nanoseconds
 */
public record Stat(
        long device,
        long inode,
        int mode,
        int links,
        int uid,
        int gid,
        int rdevMajor,
        int rdevMinor,
        long size,
        long blocks,
        long atime,
        int atimeNanos,
        long mtime,
        int mtimeNanos,
        long ctime,
        int ctimeNanos) {
    public static final int TYPE = 0170000;
    public static final int SOCKET = 0140000;
    public static final int SYMLINK = 0120000;
    public static final int REGULAR = 0100000;
    public static final int BLOCK_DEVICE = 0060000;
    public static final int DIRECTORY = 0040000;
    public static final int CHARACTER_DEVICE = 0020000;
    public static final int FIFO = 0010000;

    /** The unit of {@link #blocks()} in bytes. */
    public static final int BLOCK = 512;

    /** {@code AT_EMPTY_PATH}: the descriptor itself. */
    static final int EMPTY_PATH = 0x1000;
    /** {@code AT_SYMLINK_NOFOLLOW} */
    static final int NO_FOLLOW = 0x100;

    private static final int BASIC_STATS = 0x7ff;
    /** The length of {@code struct statx} in bytes. */
    static final int LENGTH = 256;

    static Stat of(int directory, byte[] name, int flags) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(LENGTH, 8);
            long result = Native.call(
                    arena, SystemCall.STATX, directory, Native.string(arena, name), flags, BASIC_STATS, s.address());
            Native.check(SystemCall.STATX, name, result);
            return new Stat(
                    device(s),
                    s.get(Native.LONG, 32),
                    s.get(Native.SHORT, 28) & 0xffff,
                    s.get(Native.INT, 16),
                    s.get(Native.INT, 20),
                    s.get(Native.INT, 24),
                    s.get(Native.INT, 128),
                    s.get(Native.INT, 132),
                    s.get(Native.LONG, 40),
                    s.get(Native.LONG, 48),
                    s.get(Native.LONG, 64),
                    s.get(Native.INT, 72),
                    s.get(Native.LONG, 112),
                    s.get(Native.INT, 120),
                    s.get(Native.LONG, 96),
                    s.get(Native.INT, 104));
        }
    }

    /** The file system that a {@code struct statx} names. */
    static long device(MemorySegment statx) {
        return (long) statx.get(Native.INT, 136) << 32 | Integer.toUnsignedLong(statx.get(Native.INT, 140));
    }

    /** The type bits of the mode, one of the constants here. */
    public int type() {
        return mode & TYPE;
    }

    /** The permission bits with setuid, setgid and sticky. */
    public int permissions() {
        return mode & 07777;
    }

    public boolean isDirectory() {
        return type() == DIRECTORY;
    }

    public boolean isRegular() {
        return type() == REGULAR;
    }

    public boolean isSymlink() {
        return type() == SYMLINK;
    }

    /** Whether overlayfs takes it for the absence of what lies below: a character device 0:0. */
    public boolean isWhiteout() {
        return type() == CHARACTER_DEVICE && rdevMajor == 0 && rdevMinor == 0;
    }
}
