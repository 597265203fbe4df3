package dev.capas.layer.index;

import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** Looks at a directory in overlay form, which has no index. What vanishes meanwhile is left out; no file is opened. */
final class UpperWalk {
    private static final byte[] OPAQUE = Directory.name("trusted.overlay.opaque");
    private static final byte[] YES = {'y'};

    private final LayerTree tree;
    private final Map<Long, Inode> linked = new HashMap<>();
    private final Deque<Level> open = new ArrayDeque<>();

    private UpperWalk(LayerTree tree) {
        this.tree = tree;
    }

    /** A directory that is open until those below it are done. */
    private record Level(Directory directory, Node node, Deque<byte[]> below) {}

    static void into(LayerTree tree, Path upper) throws IOException {
        UpperWalk walk = new UpperWalk(tree);
        try (Directory root = Directory.open(upper)) {
            walk.enter(root, tree.root());
            while (!walk.open.isEmpty()) {
                walk.step(root);
            }
        } finally {
            walk.open.forEach(level -> level.directory().close());
        }
    }

    /** A tree may be deeper than a thread's stack: no recursion. */
    private void step(Directory root) throws IOException {
        Level innermost = open.element();
        byte[] next = innermost.below().poll();
        if (next != null) {
            descend(innermost, next);
            return;
        }
        open.pop();
        if (innermost.directory() != root) {
            innermost.directory().close();
        }
    }

    private void descend(Level level, byte[] name) throws IOException {
        Node node = level.node().child(Node.key(name));
        if (node == null) {
            return;
        }
        try {
            enter(level.directory().openDirectoryNoFollow(name), node);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ELOOP) {
                throw e;
            }
        }
    }

    private void enter(Directory directory, Node node) throws IOException {
        Level level = new Level(directory, node, new ArrayDeque<>());
        open.push(level);
        for (Directory.Entry entry : directory.list()) {
            try {
                Node child = child(directory, entry.name());
                tree.put(node, child);
                if (child.inode().isDirectory()) {
                    if (isOpaque(directory, entry.name())) {
                        tree.setOpaque(child);
                    }
                    level.below().add(entry.name());
                }
            } catch (LinuxException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
    }

    private Node child(Directory directory, byte[] name) throws IOException {
        Stat stat = directory.stat(name);
        if (stat.isDirectory() || stat.links() < 2 || stat.isWhiteout()) {
            return new Node(Node.key(name), inode(directory, name, stat));
        }
        Inode inode = linked.get(stat.inode());
        if (inode == null) {
            inode = inode(directory, name, stat);
            linked.put(stat.inode(), inode);
        }
        return new Node(Node.key(name), inode);
    }

    private Inode inode(Directory directory, byte[] name, Stat stat) throws IOException {
        if (stat.isWhiteout()) {
            return Inode.whiteout(tree.layer());
        }
        return new Inode(
                tree.layer(),
                type(stat),
                new Inode.Owner(
                        stat.permissions(), Integer.toUnsignedLong(stat.uid()), Integer.toUnsignedLong(stat.gid())),
                stat.isRegular() || stat.isSymlink() ? stat.size() : 0,
                null,
                stat.isSymlink() ? Node.key(directory.readlink(name)) : "",
                (long) stat.rdevMajor() << 32 | stat.rdevMinor(),
                Map.of());
    }

    private static FileType type(Stat stat) {
        return switch (stat.type()) {
            case Stat.DIRECTORY -> FileType.DIRECTORY;
            case Stat.SYMLINK -> FileType.SYMLINK;
            case Stat.CHARACTER_DEVICE -> FileType.CHARACTER_DEVICE;
            case Stat.BLOCK_DEVICE -> FileType.BLOCK_DEVICE;
            case Stat.FIFO -> FileType.FIFO;
            case Stat.SOCKET -> FileType.SOCKET;
            default -> FileType.REGULAR;
        };
    }

    private static boolean isOpaque(Directory parent, byte[] name) throws IOException {
        try {
            return Arrays.equals(parent.getXattr(name, OPAQUE), YES);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENODATA || e.errno() == Errno.EOPNOTSUPP) {
                return false;
            }
            throw e;
        }
    }
}
