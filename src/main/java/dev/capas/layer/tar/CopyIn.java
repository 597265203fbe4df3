package dev.capas.layer.tar;

import dev.capas.errdefs.EngineException;
import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Extracts an archive over what a directory has already, as {@code docker cp} into a container does. Nothing outside of the directory is touched. */
public final class CopyIn implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    /**
     * Who owns what is copied.
     *
     * @param uid the user
     * @param gid the group
     */
    public record Owner(int uid, int gid) {}

    private record Times(byte[] name, long seconds, int nanos) {}

    private final TarReader reader;
    private final TreeWriter tree;
    private final FileContent content;
    private final String destination;
    private final boolean keepKinds;
    private final @Nullable Owner owner;
    private final List<Times> directories = new ArrayList<>();

    private CopyIn(InputStream in, Directory into, String destination, boolean keepKinds, @Nullable Owner owner)
            throws IOException {
        this.reader = new TarReader(in);
        this.tree = new TreeWriter(into);
        this.content = new FileContent(reader);
        this.destination = destination;
        this.keepKinds = keepKinds;
        this.owner = owner;
    }

    /**
     * Extracts the archive.
     *
     * @param tar uncompressed
     * @param into the directory, which is closed at the end
     * @param destination what errors call the directory
     * @param keepKinds whether to refuse to put a directory in the place of something else, or the other way round
     * @param owner null for what the archive says
     * @throws EngineException if the archive is refused
     */
    public static void extract(
            InputStream tar, Directory into, String destination, boolean keepKinds, @Nullable Owner owner)
            throws IOException {
        try (BufferedInputStream in = new BufferedInputStream(tar, BUFFER);
                CopyIn copy = new CopyIn(in, into, destination, keepKinds, owner)) {
            for (TarHeader header = copy.reader.next(); header != null; header = copy.reader.next()) {
                copy.entry(header, EntryName.of(header.name()));
                copy.content.skip();
                copy.reader.padding();
            }
            for (Times times : copy.directories.reversed()) {
                copy.tree.root().utimens(times.name(), times.seconds(), times.nanos(), times.seconds(), times.nanos());
            }
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
    }

    @Override
    public void close() {
        content.close();
        tree.close();
    }

    private void entry(TarHeader header, EntryName name) throws IOException {
        if (header.type() == TarHeader.PAX_GLOBAL || name.isRoot()) {
            return;
        }
        if (name.climbs()) {
            throw EngineException.invalidParameter("invalid entry name \"" + text(header.name()) + "\"");
        }
        tree.enter(name.parent());
        byte[] last = name.last();
        boolean directory = header.type() == TarHeader.DIRECTORY;
        if (!makeRoom(last, directory)) {
            make(header, last);
        }
        metadata(header, last);
        if (directory) {
            directories.add(new Times(name.clean(), header.mtime(), header.mtimeNanos()));
        }
    }

    /** Removes what is in the way; true where the directory that is wanted is there already. */
    private boolean makeRoom(byte[] last, boolean directory) throws IOException {
        Stat existing;
        try {
            existing = tree.parent().stat(last);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
        if (existing.isDirectory() && directory) {
            return true;
        }
        if (keepKinds && existing.isDirectory()) {
            throw EngineException.invalidParameter(
                    "cannot overwrite directory \"" + text(last) + "\" with non-directory \"" + destination + "\"");
        }
        if (keepKinds && directory) {
            throw EngineException.invalidParameter(
                    "cannot overwrite non-directory \"" + text(last) + "\" with directory \"" + destination + "\"");
        }
        tree.parent().removeTree(last);
        return false;
    }

    private void make(TarHeader header, byte[] last) throws IOException {
        Directory parent = tree.parent();
        switch (header.type()) {
            case TarHeader.REGULAR -> {
                try (Fd file = tree.create(last, taken -> parent.removeTree(taken))) {
                    content.write(file);
                } catch (IOException | EngineException e) {
                    parent.removeTree(last);
                    throw e;
                }
            }
            case TarHeader.DIRECTORY -> parent.mkdir(last, 0700);
            case TarHeader.LINK -> link(header, last);
            case TarHeader.SYMLINK -> parent.symlink(header.linkName(), last);
            case TarHeader.CHARACTER_DEVICE -> node(header, last, Stat.CHARACTER_DEVICE);
            case TarHeader.BLOCK_DEVICE -> node(header, last, Stat.BLOCK_DEVICE);
            case TarHeader.FIFO -> node(header, last, Stat.FIFO);
            default -> throw EngineException.invalidParameter("unhandled tar header type " + header.type());
        }
    }

    private void link(TarHeader header, byte[] last) throws IOException {
        EntryName target = EntryName.of(header.linkName());
        if (target.climbs()) {
            throw EngineException.invalidParameter("invalid hardlink target \"" + text(header.linkName()) + "\"");
        }
        tree.link(target.clean(), last);
    }

    private void node(TarHeader header, byte[] last, int kind) throws IOException {
        tree.parent().mknod(last, kind | 0600, (int) header.major(), (int) header.minor());
    }

    private void metadata(TarHeader header, byte[] last) throws IOException {
        Directory parent = tree.parent();
        if (owner == null) {
            parent.chown(last, (int) header.uid(), (int) header.gid());
        } else {
            parent.chown(last, owner.uid(), owner.gid());
        }
        for (Map.Entry<String, byte[]> attribute : header.xattrs().entrySet()) {
            if (!attribute.getKey().startsWith("trusted.")) {
                setXattr(parent, last, attribute);
            }
        }
        if (header.type() != TarHeader.SYMLINK && !parent.stat(last).isSymlink()) {
            parent.chmod(last, header.mode());
        }
        if (header.type() != TarHeader.DIRECTORY) {
            parent.utimens(last, header.mtime(), header.mtimeNanos(), header.mtime(), header.mtimeNanos());
        }
    }

    private static void setXattr(Directory parent, byte[] last, Map.Entry<String, byte[]> attribute)
            throws LinuxException {
        try {
            parent.setXattr(last, attribute.getKey().getBytes(StandardCharsets.ISO_8859_1), attribute.getValue());
        } catch (LinuxException e) {
            if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.EPERM) {
                throw e;
            }
        }
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }
}
