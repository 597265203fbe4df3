package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * What a tree weighs, each inode counted once.
 *
 * @param apparent the lengths of everything in it that is no directory, in bytes
 * @param allocated what the file system gave it, directories too, in bytes
 */
public record TreeUsage(long apparent, long allocated) {
    /** The weight of nothing. */
    public static final TreeUsage NONE = new TreeUsage(0, 0);

    /** Weighs all below a directory, and the directory. What vanishes meanwhile is left out. Mounts below are not entered. */
    public static TreeUsage of(Path root) throws LinuxException {
        try (Directory directory = Directory.open(root)) {
            return of(directory);
        }
    }

    /** The same of a directory that is open. */
    public static TreeUsage of(Directory directory) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            Walk walk = new Walk(arena, directory.stat());
            walk.all(directory.fd());
            return new TreeUsage(walk.apparent, walk.allocated);
        }
    }

    /** Both together. */
    public TreeUsage plus(TreeUsage other) {
        return new TreeUsage(apparent + other.apparent, allocated + other.allocated);
    }

    /**
     * One walk: two calls for each directory and one for each entry, on memory that is allocated once. It does not recurse: a tree may be
     * deeper than a thread's stack.
     */
    private static final class Walk {
        private static final int LISTING = 32 << 10;
        private static final int NAME = 19;
        private static final int LONGEST_NAME = 255;
        private static final int STATX_TYPE = 0x001;
        private static final int STATX_LINKS = 0x004;
        private static final int STATX_INODE = 0x100;
        private static final int STATX_SIZE = 0x200;
        private static final int STATX_BLOCKS = 0x400;
        private static final int MASK = STATX_TYPE | STATX_LINKS | STATX_INODE | STATX_SIZE | STATX_BLOCKS;
        private static final int DOT = '.';

        /** A directory that is open until those below it are done; the first is the caller's to close. */
        private record Level(Fd directory, Deque<byte[]> below) {}

        private final MemorySegment state;
        private final MemorySegment stat;
        private final MemorySegment listing;
        private final MemorySegment name;
        private final Set<Long> seen = new HashSet<>();
        private final long device;
        private long apparent;
        private long allocated;

        Walk(Arena arena, Stat root) {
            this.state = Native.state(arena);
            this.stat = arena.allocate(Stat.LENGTH, 8);
            this.listing = arena.allocate(LISTING, 8);
            this.name = arena.allocate(LONGEST_NAME + 1);
            this.device = root.device();
            this.allocated = root.blocks() * Stat.BLOCK;
        }

        void all(Fd root) throws LinuxException {
            Deque<Level> open = new ArrayDeque<>();
            open.push(new Level(root, list(root)));
            try {
                while (!open.isEmpty()) {
                    byte[] next = open.element().below().poll();
                    if (next == null) {
                        close(open.pop(), root);
                    } else {
                        descend(open.element().directory(), next, open);
                    }
                }
            } finally {
                open.forEach(level -> close(level, root));
            }
        }

        private static void close(Level level, Fd root) {
            if (level.directory() != root) {
                level.directory().close();
            }
        }

        /** Weighs what is in a directory, and returns the names of the directories in it. */
        private Deque<byte[]> list(Fd directory) throws LinuxException {
            Deque<byte[]> below = new ArrayDeque<>();
            while (true) {
                long result = call(state, SystemCall.GETDENTS64, directory.number(), listing.address(), LISTING, 0, 0);
                int length =
                        result == -Errno.ENOENT ? 0 : (int) check(SystemCall.GETDENTS64, directory.toString(), result);
                if (length == 0) {
                    return below;
                }
                for (int at = 0; at < length; at += listing.get(Native.SHORT, at + 16L) & 0xffff) {
                    if (!isDots(listing, at + NAME) && weigh(directory, listing.address() + at + NAME)) {
                        below.add(bytes(at + NAME));
                    }
                }
            }
        }

        private byte[] bytes(int from) {
            int to = from;
            while (listing.get(Native.BYTE, to) != 0) {
                to++;
            }
            return listing.asSlice(from, to - from + 1L).toArray(Native.BYTE);
        }

        /** Weighs an entry; true where it is a directory to be entered. */
        private boolean weigh(Fd directory, long entry) throws LinuxException {
            long result =
                    call(state, SystemCall.STATX, directory.number(), entry, Stat.NO_FOLLOW, MASK, stat.address());
            if (result == -Errno.ENOENT) {
                return false;
            }
            check(SystemCall.STATX, directory.toString(), result);
            boolean isDirectory = (stat.get(Native.SHORT, 28) & Stat.TYPE) == Stat.DIRECTORY;
            if (isDirectory
                    ? Stat.device(stat) != device
                    : stat.get(Native.INT, 16) > 1 && !seen.add(stat.get(Native.LONG, 32))) {
                return false;
            }
            apparent += isDirectory ? 0 : stat.get(Native.LONG, 40);
            allocated += stat.get(Native.LONG, 48) * Stat.BLOCK;
            return isDirectory;
        }

        private void descend(Fd directory, byte[] child, Deque<Level> open) throws LinuxException {
            MemorySegment.copy(child, 0, name, Native.BYTE, 0, child.length);
            int flags = Fd.O_DIRECTORY | Fd.O_NOFOLLOW | Fd.O_CLOEXEC;
            long opened = call(state, SystemCall.OPENAT, directory.number(), name.address(), flags, 0, 0);
            if (opened == -Errno.ENOENT || opened == -Errno.ENOTDIR || opened == -Errno.ELOOP) {
                return;
            }
            Fd entered = Fd.of((int) check(SystemCall.OPENAT, directory.toString(), opened));
            Level level = new Level(entered, new ArrayDeque<>());
            open.push(level);
            level.below().addAll(list(entered));
        }

        private static boolean isDots(MemorySegment listing, int name) {
            return listing.get(Native.BYTE, name) == DOT
                    && (listing.get(Native.BYTE, name + 1L) == 0
                            || listing.get(Native.BYTE, name + 1L) == DOT && listing.get(Native.BYTE, name + 2L) == 0);
        }
    }
}
