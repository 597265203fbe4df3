package dev.capas.layer.tar;

import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tree in which an extraction makes its entries. It keeps the parent of the last entry open, since the next one mostly has the same. */
final class TreeWriter implements AutoCloseable {
    private static final int IMPLIED_DIRECTORY = 0755;
    /** As many symbolic links as the kernel follows in one path. */
    private static final int MAX_LINKS = 40;

    private final Directory root;
    private final Directory descriptors;
    private final byte[] rootPath;
    private Directory parent;
    private byte[] parentName = new byte[0];
    private byte @Nullable [] parentPath = new byte[0];

    TreeWriter(Directory root) throws IOException {
        this.root = root;
        this.descriptors = Directory.open(Path.of("/proc/self/fd"));
        this.rootPath = pathOf(root);
        this.parent = root;
    }

    /** Something to do that fails with EEXIST where the name is taken. */
    interface Making {
        void run() throws IOException;
    }

    /** What to do with a name that is taken. */
    interface Room {
        void make(byte[] last) throws IOException;
    }

    Directory root() {
        return root;
    }

    /** The directory that was entered last. */
    Directory parent() {
        return parent;
    }

    /** Whether the way to the parent leads through a symbolic link. */
    boolean throughLink() throws IOException {
        return !Arrays.equals(parentName, parentPath());
    }

    /** Where a name in the parent really lies, counted from the root. */
    byte[] resolved(byte[] last) throws IOException {
        byte[] above = parentPath();
        if (above.length == 0) {
            return last;
        }
        byte[] path = Arrays.copyOf(above, above.length + 1 + last.length);
        path[above.length] = '/';
        System.arraycopy(last, 0, path, above.length + 1, last.length);
        return path;
    }

    /** Goes to a directory, making it and those above it where they are missing. */
    void enter(byte[] name) throws IOException {
        if (Arrays.equals(name, parentName)) {
            return;
        }
        Directory next;
        if (name.length == 0) {
            next = root;
        } else {
            try {
                next = root.openDirectory(name);
            } catch (LinuxException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
                makeParents(name, MAX_LINKS);
                next = root.openDirectory(name);
            }
        }
        leave();
        parent = next;
        parentName = name;
        parentPath = next == root ? new byte[0] : null;
    }

    /** Creates a file in the parent, and makes room for it where the name is taken. */
    Fd create(byte[] last, Room room) throws IOException {
        int flags = Fd.O_CREAT | Fd.O_EXCL | Fd.O_WRONLY | Fd.O_NOFOLLOW;
        try {
            return parent.openFile(last, flags, 0600);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            room.make(last);
            return parent.openFile(last, flags, 0600);
        }
    }

    void make(byte[] last, Room room, Making making) throws IOException {
        try {
            making.run();
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            room.make(last);
            making.run();
        }
    }

    void link(byte[] target, byte[] last) throws IOException {
        root.link(target, parent, last);
    }

    /** Moves a file out of the tree. */
    void moveTo(byte[] path, Path destination) throws IOException {
        try (Directory to = Directory.open(destination.getParent())) {
            root.rename(path, to, Directory.name(destination.getFileName().toString()), 0);
        }
    }

    /** The sum over all non-directories, each inode once, by walking. */
    long apparentSize() throws IOException {
        return apparentSize(root, new HashSet<>());
    }

    @Override
    public void close() {
        leave();
        root.close();
        descriptors.close();
    }

    private void leave() {
        if (parent != root) {
            parent.close();
        }
    }

    /** Makes a directory and those above it, also where a symbolic link leads to nothing yet. */
    private void makeParents(byte[] name, int links) throws IOException {
        for (int end = 1; end <= name.length; end++) {
            if (end == name.length || name[end] == '/') {
                try {
                    byte[] prefix = Arrays.copyOf(name, end);
                    root.mkdir(prefix, IMPLIED_DIRECTORY);
                    root.chmod(prefix, IMPLIED_DIRECTORY);
                } catch (LinuxException e) {
                    if (e.errno() != Errno.EEXIST) {
                        throw e;
                    }
                    followLink(Arrays.copyOf(name, end), links);
                }
            }
        }
    }

    private void followLink(byte[] name, int links) throws IOException {
        if (!root.stat(name).isSymlink()) {
            return;
        }
        if (links == 0) {
            throw new LinuxException("openat2", Errno.ELOOP, new String(name, StandardCharsets.UTF_8));
        }
        makeParents(new EntryName(name).linked(root.readlink(name)).clean(), links - 1);
    }

    private byte[] parentPath() throws IOException {
        byte[] path = parentPath;
        if (path == null) {
            byte[] whole = pathOf(parent);
            // a link may lead to the root itself
            path = whole.length == rootPath.length
                    ? new byte[0]
                    : Arrays.copyOfRange(whole, rootPath.length + 1, whole.length);
            parentPath = path;
        }
        return path;
    }

    private byte[] pathOf(Directory directory) throws IOException {
        return descriptors.readlink(
                Directory.name(Integer.toString(directory.fd().number())));
    }

    private static long apparentSize(Directory directory, Set<Long> inodes) throws IOException {
        long sum = 0;
        for (Directory.Entry entry : directory.list()) {
            Stat stat = directory.stat(entry.name());
            if (stat.isDirectory()) {
                try (Directory below = directory.openDirectoryNoFollow(entry.name())) {
                    sum += apparentSize(below, inodes);
                }
            } else if ((stat.isRegular() || stat.isSymlink()) && inodes.add(stat.inode())) {
                sum += stat.size();
            }
        }
        return sum;
    }
}
