package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
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
        try (Arena arena = Arena.ofConfined();
                Directory directory = Directory.open(root)) {
            Walk walk = new Walk(arena, directory.stat());
            walk.enter(directory.fd(), 0);
            return new TreeUsage(walk.apparent, walk.allocated);
        }
    }

    /** Both together. */
    public TreeUsage plus(TreeUsage other) {
        return new TreeUsage(apparent + other.apparent, allocated + other.allocated);
    }

    /** One walk: two calls for each directory and one for each entry, on memory that is allocated once. */
    private static final class Walk {
        private static final int LISTING = 32 << 10;
        private static final int NAME = 19;
        private static final int STATX_TYPE = 0x001;
        private static final int STATX_LINKS = 0x004;
        private static final int STATX_INODE = 0x100;
        private static final int STATX_SIZE = 0x200;
        private static final int STATX_BLOCKS = 0x400;
        private static final int MASK = STATX_TYPE | STATX_LINKS | STATX_INODE | STATX_SIZE | STATX_BLOCKS;
        private static final int BLOCK = 512;
        private static final int DOT = '.';

        private final Arena arena;
        private final MemorySegment state;
        private final MemorySegment stat;
        private final java.util.List<MemorySegment> listings = new java.util.ArrayList<>();
        private final Set<Long> seen = new HashSet<>();
        private final long device;
        private long apparent;
        private long allocated;

        Walk(Arena arena, Stat root) {
            this.arena = arena;
            this.state = Native.state(arena);
            this.stat = arena.allocate(Stat.LENGTH, 8);
            this.device = root.device();
            this.allocated = root.blocks() * BLOCK;
        }

        void enter(Fd directory, int depth) throws LinuxException {
            if (depth == listings.size()) {
                listings.add(arena.allocate(LISTING, 8));
            }
            MemorySegment listing = listings.get(depth);
            while (true) {
                long result = call(state, SystemCall.GETDENTS64, directory.number(), listing.address(), LISTING, 0, 0);
                int length =
                        result == -Errno.ENOENT ? 0 : (int) check(SystemCall.GETDENTS64, directory.toString(), result);
                if (length == 0) {
                    return;
                }
                for (int at = 0; at < length; at += listing.get(Native.SHORT, at + 16L) & 0xffff) {
                    if (!isDots(listing, at + NAME)) {
                        weigh(directory, listing.address() + at + NAME, depth);
                    }
                }
            }
        }

        private void weigh(Fd directory, long name, int depth) throws LinuxException {
            long result = call(state, SystemCall.STATX, directory.number(), name, Stat.NO_FOLLOW, MASK, stat.address());
            if (result == -Errno.ENOENT) {
                return;
            }
            check(SystemCall.STATX, directory.toString(), result);
            boolean isDirectory = (stat.get(Native.SHORT, 28) & Stat.TYPE) == Stat.DIRECTORY;
            if (!isDirectory && stat.get(Native.INT, 16) > 1 && !seen.add(stat.get(Native.LONG, 32))) {
                return;
            }
            if (isDirectory) {
                if (Stat.device(stat) != device) {
                    return;
                }
                allocated += stat.get(Native.LONG, 48) * BLOCK;
                descend(directory, name, depth);
            } else {
                apparent += stat.get(Native.LONG, 40);
                allocated += stat.get(Native.LONG, 48) * BLOCK;
            }
        }

        private void descend(Fd directory, long name, int depth) throws LinuxException {
            int flags = Fd.O_DIRECTORY | Fd.O_NOFOLLOW | Fd.O_CLOEXEC;
            long opened = call(state, SystemCall.OPENAT, directory.number(), name, flags, 0, 0);
            if (opened == -Errno.ENOENT || opened == -Errno.ENOTDIR || opened == -Errno.ELOOP) {
                return;
            }
            try (Fd child = Fd.of((int) check(SystemCall.OPENAT, directory.toString(), opened))) {
                enter(child, depth + 1);
            }
        }

        private static boolean isDots(MemorySegment listing, int name) {
            return listing.get(Native.BYTE, name) == DOT
                    && (listing.get(Native.BYTE, name + 1L) == 0
                            || listing.get(Native.BYTE, name + 1L) == DOT && listing.get(Native.BYTE, name + 2L) == 0);
        }
    }
}
