package dev.capas.layer.tar;

import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;

/** Writes a tree as a tar: names in the order of their bytes, times in whole seconds, hard links as links, of the attributes only file capabilities, no sockets. */
public final class TreeArchive {
    /** What to make of the marks of overlayfs. */
    public enum Marks {
        /** The tree is a merged one, as users see it. */
        NONE,
        /** The tree is an upper directory: whiteouts become {@code .wh.} files, and opaque directories get {@code .wh..wh..opq}. */
        WHITEOUTS
    }

    private static final int BUFFER = 1 << 17;
    private static final String CAPABILITY = "security.capability";
    private static final int WHITEOUT_MODE = 0600;

    private final TarWriter tar;
    private final Marks marks;
    private final byte[] buffer = new byte[BUFFER];
    private final Map<String, byte[]> linked = new HashMap<>();
    private final LongPredicate entered;
    private final Deque<Level> open = new ArrayDeque<>();

    private TreeArchive(OutputStream out, Marks marks, LongPredicate entered) {
        this.tar = new TarWriter(out);
        this.marks = marks;
        this.entered = entered;
    }

    /** Writes all below the root, not the root itself, and the end of the archive. */
    public static void write(Directory root, OutputStream out, Marks marks) throws IOException {
        TreeArchive archive = new TreeArchive(out, marks, device -> true);
        archive.open.push(Level.of(root, new byte[0]));
        archive.below(1);
        archive.tar.end();
    }

    /**
     * Writes one entry of a directory, and all below it, under another name; and the end of the archive.
     *
     * @param name what to write, a single component of the parent
     * @param as what it is called in the archive
     * @param entered the numbers of the devices whose directories are written with what is in them; others are written empty
     */
    public static void writeOne(Directory parent, byte[] name, byte[] as, LongPredicate entered, OutputStream out)
            throws IOException {
        TreeArchive archive = new TreeArchive(out, Marks.NONE, entered);
        archive.entry(parent, name, as);
        archive.below(0);
        archive.tar.end();
    }

    /** A directory that is open until all below it is written. */
    private record Level(Directory directory, byte[] path, Deque<byte[]> left) {
        static Level of(Directory directory, byte[] path) throws IOException {
            Deque<byte[]> names = directory.list().stream()
                    .map(Directory.Entry::name)
                    .sorted(Arrays::compareUnsigned)
                    .collect(Collectors.toCollection(ArrayDeque::new));
            return new Level(directory, path, names);
        }
    }

    /**
     * Writes all that is left in the open directories; without recursion, for a tree may be deeper than a thread's stack.
     *
     * @param kept how many of the outermost are the caller's to close
     */
    private void below(int kept) throws IOException {
        try {
            while (!open.isEmpty()) {
                Level innermost = open.element();
                byte[] next = innermost.left().poll();
                if (next != null) {
                    entry(innermost.directory(), next, join(innermost.path(), next));
                } else if (open.size() > kept) {
                    open.pop().directory().close();
                } else {
                    open.pop();
                }
            }
        } finally {
            while (open.size() > kept) {
                open.pop().directory().close();
            }
        }
    }

    private void entry(Directory parent, byte[] name, byte[] path) throws IOException {
        Stat stat = parent.stat(name);
        switch (stat.type()) {
            case Stat.DIRECTORY -> directory(parent, name, path, stat);
            case Stat.SYMLINK -> {
                if (!isLinkToEarlier(parent, name, path, stat)) {
                    header(parent, name, path, '2', stat, 0, parent.readlink(name));
                }
            }
            case Stat.REGULAR -> {
                if (!isLinkToEarlier(parent, name, path, stat)) {
                    regular(parent, name, path, stat);
                }
            }
            case Stat.CHARACTER_DEVICE -> {
                if (marks == Marks.WHITEOUTS && stat.isWhiteout()) {
                    whiteout(path, stat);
                } else if (!isLinkToEarlier(parent, name, path, stat)) {
                    header(parent, name, path, '3', stat, 0, new byte[0]);
                }
            }
            case Stat.BLOCK_DEVICE -> {
                if (!isLinkToEarlier(parent, name, path, stat)) {
                    header(parent, name, path, '4', stat, 0, new byte[0]);
                }
            }
            case Stat.FIFO -> {
                if (!isLinkToEarlier(parent, name, path, stat)) {
                    header(parent, name, path, '6', stat, 0, new byte[0]);
                }
            }
            default -> {
                // a socket means nothing without the process that listens on it
            }
        }
    }

    private void directory(Directory parent, byte[] name, byte[] path, Stat stat) throws IOException {
        header(parent, name, join(path, new byte[0]), '5', stat, 0, new byte[0]);
        if (!entered.test(stat.device())) {
            return;
        }
        if (marks == Marks.WHITEOUTS && isOpaque(parent, name)) {
            marker(join(path, Directory.name(".wh..wh..opq")), stat.permissions() & 0777, stat, 0);
        }
        Directory directory = parent.openDirectoryNoFollow(name);
        try {
            open.push(Level.of(directory, path));
        } catch (IOException e) {
            directory.close();
            throw e;
        }
    }

    private void regular(Directory parent, byte[] name, byte[] path, Stat stat) throws IOException {
        try (Fd file = parent.openFile(name, Fd.O_RDONLY | Fd.O_NOFOLLOW, 0)) {
            header(parent, name, path, '0', stat, stat.size(), new byte[0]);
            long left = stat.size();
            while (left > 0) {
                int n = file.read(buffer, 0, (int) Math.min(BUFFER, left));
                if (n < 0) {
                    Arrays.fill(buffer, (byte) 0);
                    n = (int) Math.min(BUFFER, left);
                }
                tar.write(buffer, 0, n);
                left -= n;
            }
            tar.endEntry();
        }
    }

    private void whiteout(byte[] path, Stat stat) throws IOException {
        EntryName name = EntryName.of(path);
        byte[] hidden = name.last();
        byte[] marker = Arrays.copyOf(Directory.name(".wh."), 4 + hidden.length);
        System.arraycopy(hidden, 0, marker, 4, hidden.length);
        marker(join(name.parent(), marker), WHITEOUT_MODE, stat, stat.mtime());
    }

    /**
     * Writes a link where an earlier entry has the same inode, and remembers where none has. A capability is written again: giving the link
     * its owner takes it from the inode.
     */
    private boolean isLinkToEarlier(Directory parent, byte[] name, byte[] path, Stat stat) throws IOException {
        if (stat.links() < 2) {
            return false;
        }
        byte[] earlier = linked.putIfAbsent(stat.device() + ":" + stat.inode(), path);
        if (earlier == null) {
            return false;
        }
        header(parent, name, path, '1', stat, 0, earlier);
        return true;
    }

    private void marker(byte[] path, int mode, Stat stat, long mtime) throws IOException {
        tar.begin(new TarWriter.Header(path, '0', mode, stat.uid(), stat.gid(), 0, mtime, new byte[0], 0, 0, Map.of()));
        tar.endEntry();
    }

    private void header(Directory parent, byte[] name, byte[] path, char type, Stat stat, long size, byte[] linkName)
            throws IOException {
        tar.begin(new TarWriter.Header(
                path,
                type,
                stat.permissions(),
                stat.uid(),
                stat.gid(),
                size,
                stat.mtime(),
                linkName,
                type == '1' ? 0 : stat.rdevMajor(),
                type == '1' ? 0 : stat.rdevMinor(),
                stat.isSymlink() ? Map.of() : capability(parent, name)));
        if (size == 0) {
            tar.endEntry();
        }
    }

    private static Map<String, byte[]> capability(Directory parent, byte[] name) throws IOException {
        byte[] value = xattr(parent, name, CAPABILITY);
        return value.length == 0 ? Map.of() : Map.of(CAPABILITY, value);
    }

    private static boolean isOpaque(Directory parent, byte[] name) throws IOException {
        return Arrays.equals(xattr(parent, name, "trusted.overlay.opaque"), new byte[] {'y'});
    }

    private static byte[] xattr(Directory parent, byte[] name, String attribute) throws IOException {
        try {
            return parent.getXattr(name, Directory.name(attribute));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENODATA || e.errno() == Errno.EOPNOTSUPP) {
                return new byte[0];
            }
            throw e;
        }
    }

    /** The two with a slash between; a trailing slash where the second is empty. */
    private static byte[] join(byte[] path, byte[] name) {
        if (path.length == 0 || path[path.length - 1] == '/') {
            byte[] whole = Arrays.copyOf(path, path.length + name.length);
            System.arraycopy(name, 0, whole, path.length, name.length);
            return whole;
        }
        byte[] joined = Arrays.copyOf(path, path.length + 1 + name.length);
        joined[path.length] = '/';
        System.arraycopy(name, 0, joined, path.length + 1, name.length);
        return joined;
    }
}
