package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;
import static dev.capas.linux.Native.string;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * An open directory, and everything that can be done below it. Names are bytes and resolve as if this directory were the root
 * (openat2 with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS): neither {@code ..} nor a symbolic link leads out. The last component of a name
 * is never followed. A name of one component costs no resolution, so a hot path opens the parent once.
 */
public final class Directory implements AutoCloseable {
    /**
     * An entry of a listing.
     *
     * @param name its name, as bytes
     * @param type {@code d_type}: the type bits of its mode shifted right by twelve, 0 where the file system does not say
     * @param inode its number
     */
    public record Entry(byte[] name, int type, long inode) {
        /** Whether it is known to be a directory. */
        public boolean isDirectory() {
            return type == Stat.DIRECTORY >> 12;
        }
    }

    /** {@code RENAME_NOREPLACE} */
    public static final int NO_REPLACE = 1;
    /** {@code RENAME_EXCHANGE} */
    public static final int EXCHANGE = 2;

    private static final int RESOLVE = 0x10 | 0x02;
    private static final int LISTING = 64 << 10;
    private static final int REMOVE_DIRECTORY = 0x200;
    private static final int NO_FOLLOW = 0x100;
    private static final int NAME_OFFSET = 19;

    private final Fd fd;

    private Directory(Fd fd) {
        this.fd = fd;
    }

    /** Opens a directory of the daemon's own by its path. */
    public static Directory open(Path path) throws LinuxException {
        return new Directory(Fd.open(path, Fd.O_RDONLY | Fd.O_DIRECTORY, 0));
    }

    /** The descriptor, which this keeps owning. */
    public Fd fd() {
        return fd;
    }

    /** Opens a directory below; symbolic links on the way, and at the end, resolve within this one. */
    public Directory openDirectory(byte[] name) throws LinuxException {
        return new Directory(openAt(name, Fd.O_RDONLY | Fd.O_DIRECTORY, 0));
    }

    /** Opens a directory below, unless the last component is a symbolic link (ELOOP, ENOTDIR). */
    public Directory openDirectoryNoFollow(byte[] name) throws LinuxException {
        return new Directory(openAt(name, Fd.O_RDONLY | Fd.O_DIRECTORY | Fd.O_NOFOLLOW, 0));
    }

    /** Opens a file below; the flags are those of {@link Fd}, and close-on-exec is added. Add O_NOFOLLOW not to follow the last component. */
    public Fd openFile(byte[] name, int flags, int mode) throws LinuxException {
        return openAt(name, flags, mode);
    }

    public void mkdir(byte[] name, int mode) throws LinuxException {
        at(
                name,
                (directory, last, arena) -> check(
                        SystemCall.MKDIRAT,
                        name,
                        call(arena, SystemCall.MKDIRAT, directory, string(arena, last), mode)));
    }

    /** Makes a device, fifo, socket or regular file; the type is in the mode. */
    public void mknod(byte[] name, int mode, int major, int minor) throws LinuxException {
        long device = minor & 0xffL | (major & 0xfffL) << 8 | (minor & ~0xffL) << 12 | (major & ~0xfffL) << 32;
        at(
                name,
                (directory, last, arena) -> check(
                        SystemCall.MKNODAT,
                        name,
                        call(arena, SystemCall.MKNODAT, directory, string(arena, last), mode, device)));
    }

    /** Gives the file another name, below the other directory. */
    public void link(byte[] name, Directory to, byte[] newName) throws LinuxException {
        at(
                name,
                (directory, last, arena) -> to.at(
                        newName,
                        (other, newLast, ignored) -> check(
                                SystemCall.LINKAT,
                                newName,
                                call(
                                        arena,
                                        SystemCall.LINKAT,
                                        directory,
                                        string(arena, last),
                                        other,
                                        string(arena, newLast),
                                        0))));
    }

    public void symlink(byte[] target, byte[] name) throws LinuxException {
        at(
                name,
                (directory, last, arena) -> check(
                        SystemCall.SYMLINKAT,
                        name,
                        call(arena, SystemCall.SYMLINKAT, string(arena, target), directory, string(arena, last))));
    }

    public byte[] readlink(byte[] name) throws LinuxException {
        int limit = 4096;
        return at(name, (directory, last, arena) -> {
            MemorySegment target = arena.allocate(limit);
            long length = check(
                    SystemCall.READLINKAT,
                    name,
                    call(arena, SystemCall.READLINKAT, directory, string(arena, last), target.address(), limit));
            return target.asSlice(0, length).toArray(Native.BYTE);
        });
    }

    /** Removes a name that is no directory. */
    public void unlink(byte[] name) throws LinuxException {
        at(
                name,
                (directory, last, arena) -> check(
                        SystemCall.UNLINKAT,
                        name,
                        call(arena, SystemCall.UNLINKAT, directory, string(arena, last), 0)));
    }

    /** Removes an empty directory. */
    public void rmdir(byte[] name) throws LinuxException {
        at(
                name,
                (directory, last, arena) -> check(
                        SystemCall.UNLINKAT,
                        name,
                        call(arena, SystemCall.UNLINKAT, directory, string(arena, last), REMOVE_DIRECTORY)));
    }

    /** Renames; the flags are 0, {@link #NO_REPLACE} or {@link #EXCHANGE}. */
    public void rename(byte[] name, Directory to, byte[] newName, int flags) throws LinuxException {
        at(
                name,
                (directory, last, arena) -> to.at(
                        newName,
                        (other, newLast, ignored) -> check(
                                SystemCall.RENAMEAT2,
                                newName,
                                call(
                                        arena,
                                        SystemCall.RENAMEAT2,
                                        directory,
                                        string(arena, last),
                                        other,
                                        string(arena, newLast),
                                        flags))));
    }

    /** What it knows of the name, not following it. */
    public Stat stat(byte[] name) throws LinuxException {
        return at(name, (directory, last, arena) -> Stat.of(directory, last, NO_FOLLOW));
    }

    /** What it knows of this directory. */
    public Stat stat() throws LinuxException {
        return fd.stat();
    }

    /** Sets owner and group, not following the name; -1 leaves one as it is. */
    public void chown(byte[] name, int uid, int gid) throws LinuxException {
        at(
                name,
                (directory, last, arena) -> check(
                        SystemCall.FCHOWNAT,
                        name,
                        call(arena, SystemCall.FCHOWNAT, directory, string(arena, last), uid, gid, NO_FOLLOW)));
    }

    /** Sets the permission bits of what is no symbolic link (the kernel follows one: check first). */
    public void chmod(byte[] name, int mode) throws LinuxException {
        at(
                name,
                (directory, last, arena) -> check(
                        SystemCall.FCHMODAT,
                        name,
                        call(arena, SystemCall.FCHMODAT, directory, string(arena, last), mode)));
    }

    /** Sets the times, not following the name; seconds since 1970 and nanoseconds. */
    public void utimens(byte[] name, long atime, long atimeNanos, long mtime, long mtimeNanos) throws LinuxException {
        at(name, (directory, last, arena) -> {
            MemorySegment times = arena.allocate(Native.LONG, 4);
            times.setAtIndex(Native.LONG, 0, atime);
            times.setAtIndex(Native.LONG, 1, atimeNanos);
            times.setAtIndex(Native.LONG, 2, mtime);
            times.setAtIndex(Native.LONG, 3, mtimeNanos);
            return check(
                    SystemCall.UTIMENSAT,
                    name,
                    call(arena, SystemCall.UTIMENSAT, directory, string(arena, last), times.address(), NO_FOLLOW));
        });
    }

    public void setXattr(byte[] name, byte[] attribute, byte[] value) throws LinuxException {
        at(name, (directory, last, arena) -> {
            MemorySegment copy = arena.allocate(Math.max(1, value.length));
            MemorySegment.copy(value, 0, copy, Native.BYTE, 0, value.length);
            return check(
                    SystemCall.LSETXATTR,
                    name,
                    call(
                            arena,
                            SystemCall.LSETXATTR,
                            procPath(arena, directory, last),
                            string(arena, attribute),
                            copy.address(),
                            value.length,
                            0));
        });
    }

    /** The value of an extended attribute; ENODATA where it has none of that name. */
    public byte[] getXattr(byte[] name, byte[] attribute) throws LinuxException {
        int limit = 64 << 10;
        return at(name, (directory, last, arena) -> {
            MemorySegment value = arena.allocate(limit);
            long length = check(
                    SystemCall.LGETXATTR,
                    name,
                    call(
                            arena,
                            SystemCall.LGETXATTR,
                            procPath(arena, directory, last),
                            string(arena, attribute),
                            value.address(),
                            limit));
            return value.asSlice(0, length).toArray(Native.BYTE);
        });
    }

    /** The names of all extended attributes; none where the file system has none. */
    public List<byte[]> listXattrs(byte[] name) throws LinuxException {
        int limit = 64 << 10;
        return at(name, (directory, last, arena) -> {
            MemorySegment list = arena.allocate(limit);
            long length = call(arena, SystemCall.LLISTXATTR, procPath(arena, directory, last), list.address(), limit);
            if (length == 0 || length == -Errno.EOPNOTSUPP) {
                return List.of();
            }
            byte[] bytes =
                    list.asSlice(0, check(SystemCall.LLISTXATTR, name, length)).toArray(Native.BYTE);
            List<byte[]> names = new ArrayList<>();
            for (int from = 0, to = 0; to < bytes.length; to++) {
                if (bytes[to] == 0) {
                    names.add(Arrays.copyOfRange(bytes, from, to));
                    from = to + 1;
                }
            }
            return names;
        });
    }

    public void removeXattr(byte[] name, byte[] attribute) throws LinuxException {
        at(
                name,
                (directory, last, arena) -> check(
                        SystemCall.LREMOVEXATTR,
                        name,
                        call(
                                arena,
                                SystemCall.LREMOVEXATTR,
                                procPath(arena, directory, last),
                                string(arena, attribute))));
    }

    /** All entries but {@code .} and {@code ..}, in the order of the file system. Reads from the start whenever it is called. */
    public List<Entry> list() throws LinuxException {
        List<Entry> entries = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            fd.seek(0);
            MemorySegment buffer = arena.allocate(LISTING, 8);
            while (true) {
                int length = (int) check(
                        SystemCall.GETDENTS64,
                        fd.toString(),
                        call(arena, SystemCall.GETDENTS64, fd.number(), buffer.address(), LISTING));
                if (length == 0) {
                    return entries;
                }
                for (int at = 0; at < length; at += buffer.get(Native.SHORT, at + 16L) & 0xffff) {
                    int end = at + NAME_OFFSET;
                    while (buffer.get(Native.BYTE, end) != 0) {
                        end++;
                    }
                    byte[] name = buffer.asSlice(at + NAME_OFFSET, end - at - NAME_OFFSET)
                            .toArray(Native.BYTE);
                    if (!isDots(name)) {
                        entries.add(new Entry(name, buffer.get(Native.BYTE, at + 18L), buffer.get(Native.LONG, at)));
                    }
                }
            }
        }
    }

    /** Removes whatever has this name, with all below it, however deep; does nothing where there is nothing. */
    public void removeTree(byte[] name) throws LinuxException {
        Deque<Emptying> open = new ArrayDeque<>();
        try {
            remove(this, name, open);
            while (!open.isEmpty()) {
                Emptying innermost = open.element();
                byte[] next = innermost.left().poll();
                if (next != null) {
                    remove(innermost.directory(), next, open);
                } else {
                    open.pop().directory().close();
                    Emptying outer = open.peek();
                    (outer == null ? this : outer.directory()).rmdir(innermost.name());
                }
            }
        } finally {
            open.forEach(level -> level.directory().close());
        }
    }

    /** A directory that is open until all in it is removed. */
    private record Emptying(byte[] name, Directory directory, Deque<byte[]> left) {}

    /** Removes what is no directory; a directory is opened to be emptied. */
    private static void remove(Directory parent, byte[] name, Deque<Emptying> open) throws LinuxException {
        try {
            parent.unlink(name);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return;
            }
            if (e.errno() != Errno.EISDIR && e.errno() != Errno.EPERM) {
                throw e;
            }
            Emptying level = new Emptying(name, parent.openDirectoryNoFollow(name), new ArrayDeque<>());
            open.push(level);
            level.directory().list().forEach(entry -> level.left().add(entry.name()));
        }
    }

    /** Waits until all of the file system is on the disk. */
    public void syncfs() throws LinuxException {
        fd.syncFileSystem();
    }

    @Override
    public void close() {
        fd.close();
    }

    /** The bytes of a name that is text. */
    public static byte[] name(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @FunctionalInterface
    private interface Operation<T> {
        T on(int directory, byte[] last, Arena arena) throws LinuxException;
    }

    private <T> T at(byte[] name, Operation<T> operation) throws LinuxException {
        int end = name.length;
        while (end > 0 && name[end - 1] == '/') {
            end--;
        }
        int slash = end - 1;
        while (slash >= 0 && name[slash] != '/') {
            slash--;
        }
        byte[] last = slash < 0 && end == name.length ? name : Arrays.copyOfRange(name, slash + 1, end);
        if (last.length == 0 || isDots(last) && last.length == 2) {
            last = new byte[] {'.'};
            if (end > 0) {
                try (Arena arena = Arena.ofConfined();
                        Directory self = openDirectory(name)) {
                    return operation.on(self.fd.number(), last, arena);
                }
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            if (slash <= 0) {
                return operation.on(fd.number(), last, arena);
            }
            try (Fd parent = openAt(Arrays.copyOf(name, slash), Fd.O_PATH | Fd.O_DIRECTORY, 0)) {
                return operation.on(parent.number(), last, arena);
            }
        }
    }

    private Fd openAt(byte[] name, int flags, int mode) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocate(Native.LONG, 3);
            how.setAtIndex(Native.LONG, 0, flags | Fd.O_CLOEXEC);
            how.setAtIndex(Native.LONG, 1, (flags & Fd.O_CREAT) == 0 ? 0 : mode);
            how.setAtIndex(Native.LONG, 2, RESOLVE);
            long path = string(arena, name.length == 0 ? new byte[] {'.'} : name);
            long result;
            do {
                result = call(arena, SystemCall.OPENAT2, fd.number(), path, how.address(), how.byteSize());
            } while (result == -Errno.EAGAIN && (flags & Fd.O_NONBLOCK) == 0);
            return Fd.of((int) check(SystemCall.OPENAT2, name, result));
        }
    }

    private static boolean isDots(byte[] name) {
        return name.length == 1 && name[0] == '.' || name.length == 2 && name[0] == '.' && name[1] == '.';
    }

    private static long procPath(Arena arena, int directory, byte[] last) {
        byte[] prefix = ("/proc/self/fd/" + directory + "/").getBytes(StandardCharsets.US_ASCII);
        byte[] path = Arrays.copyOf(prefix, prefix.length + last.length);
        System.arraycopy(last, 0, path, prefix.length, last.length);
        return string(arena, path);
    }
}
