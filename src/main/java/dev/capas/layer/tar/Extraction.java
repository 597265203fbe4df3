package dev.capas.layer.tar;

import dev.capas.errdefs.EngineException;
import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import dev.capas.oci.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Extracts the tar of a layer, as hostile as it may be, into a tree in overlay form, and writes its journal in the same pass. The rules
 * are those of dockerd's overlay2 driver: what it accepts, refuses, and makes of an entry.
 */
public final class Extraction implements AutoCloseable {
    private static final int BUFFER = 1 << 17;
    private static final int ROOT_MODE = 0755;
    private static final byte[] OVERLAY_OPAQUE = Directory.name("trusted.overlay.opaque");
    private static final byte[] YES = {'y'};

    private final Path layer;
    private final boolean privileged;
    private final TarReader reader;
    private final Journal.Writer journal;
    private final TreeWriter tree;
    private final FileContent content;
    private final Set<String> seen = new HashSet<>();
    private final Map<String, Long> payloads = new HashMap<>();
    private final List<DirectoryTimes> directories = new ArrayList<>();
    private long number;
    private long size;
    private boolean replaced;

    private record DirectoryTimes(byte[] name, long seconds, int nanos) {}

    private Extraction(InputStream in, Path layer, boolean privileged) throws IOException {
        this.layer = layer;
        this.privileged = privileged;
        this.reader = new TarReader(in);
        this.tree = new TreeWriter(Directory.open(Files.createDirectory(layer.resolve(Journal.TREE))));
        this.tree.root().fd().chmod(ROOT_MODE);
        this.journal = new Journal.Writer(layer);
        this.content = new FileContent(reader);
    }

    /**
     * Reads the stream to its end.
     *
     * @param tar the uncompressed archive
     * @param layer an empty directory, which gets {@code diff}, {@code journal} and, if need be, {@code saved}; whatever it holds after a failure
     *     is the caller's to remove
     * @param privileged whether owners, devices and attributes can be set; without, the journal alone has them
     * @throws EngineException if dockerd would refuse the archive
     * @throws IOException if the stream or the disk fails
     */
    public static Extracted extract(InputStream tar, Path layer, boolean privileged) throws IOException {
        CountingInputStream counting = new CountingInputStream(tar);
        DigestInputStream digesting = new DigestInputStream(counting, Digest.sha256());
        try (BufferedInputStream in = new BufferedInputStream(digesting, BUFFER);
                Extraction extraction = new Extraction(in, layer, privileged)) {
            extraction.entries();
            extraction.rest(in);
            extraction.directoryTimes();
            return new Extracted(
                    Digest.of(digesting.getMessageDigest().digest()),
                    counting.count(),
                    extraction.replaced ? extraction.tree.apparentSize() : extraction.size,
                    extraction.number);
        }
    }

    @Override
    public void close() throws IOException {
        try (TreeWriter first = tree;
                FileContent second = content) {
            journal.close();
        }
    }

    private void entries() throws IOException {
        for (TarHeader header = reader.next(); header != null; header = reader.next()) {
            byte[] raw = reader.raw();
            EntryName name = EntryName.of(header.name());
            boolean absolute = header.name().length > 0 && header.name()[0] == '/';
            if (!seen.add((absolute ? "/" : "") + key(name.clean()))) {
                throw EngineException.invalidParameter("duplicates of file paths not supported");
            }
            Made made = make(header, name);
            journal.entry(raw, header.payload(), made.payload(), reader.padding(), made.index());
            number++;
        }
    }

    private void rest(InputStream in) throws IOException {
        journal.end();
        byte[] ends = reader.raw();
        journal.rest(ends, ends.length);
        byte[] buffer = new byte[BUFFER];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            journal.rest(buffer, n);
        }
    }

    private record Made(Journal.Payload payload, IndexEntry index) {}

    private Made make(TarHeader header, EntryName name) throws IOException {
        if (header.type() == TarHeader.PAX_GLOBAL) {
            return nothing(header);
        }
        if (name.climbs()) {
            throw EngineException.invalidParameter("invalid entry name \"" + text(header.name()) + "\"");
        }
        if (name.isRoot()) {
            return nothing(header);
        }
        tree.enter(name.parent());
        if (name.isOpaqueMarker()) {
            if (privileged) {
                tree.parent().setXattr(Directory.name("."), OVERLAY_OPAQUE, YES);
            }
            return marker(header, name, IndexEntry.Type.OPAQUE);
        }
        if (name.isWhiteout()) {
            whiteout(header, name.hidden());
            return marker(header, name, IndexEntry.Type.WHITEOUT);
        }
        return switch (header.type()) {
            case TarHeader.REGULAR -> regular(header, name);
            case TarHeader.LINK -> hardLink(header, name);
            case TarHeader.SYMLINK -> symlink(header, name);
            case TarHeader.DIRECTORY -> directory(header, name);
            case TarHeader.CHARACTER_DEVICE ->
                node(header, name, Stat.CHARACTER_DEVICE, IndexEntry.Type.CHARACTER_DEVICE);
            case TarHeader.BLOCK_DEVICE -> node(header, name, Stat.BLOCK_DEVICE, IndexEntry.Type.BLOCK_DEVICE);
            case TarHeader.FIFO -> node(header, name, Stat.FIFO, IndexEntry.Type.FIFO);
            default -> throw EngineException.invalidParameter("unhandled tar header type " + header.type());
        };
    }

    /** Of what has no place in the tree the payload, if there is one, is saved. */
    private Made nothing(TarHeader header) throws IOException {
        return new Made(save(header), index(header, new byte[0], IndexEntry.Type.NOTHING, 0, null));
    }

    private Made marker(TarHeader header, EntryName name, IndexEntry.Type type) throws IOException {
        return new Made(save(header), index(header, tree.resolved(name.last()), type, 0, null));
    }

    private Journal.Payload save(TarHeader header) throws IOException {
        if (header.payload() == 0) {
            return Journal.Payload.NONE;
        }
        content.save(saved(number));
        return Journal.Payload.SAVED;
    }

    private void whiteout(TarHeader header, byte[] hidden) throws IOException {
        if (hidden.length == 0) {
            throw EngineException.invalidParameter("mknod /: file exists");
        }
        if (!privileged) {
            return;
        }
        try {
            tree.parent().mknod(hidden, Stat.CHARACTER_DEVICE, 0, 0);
            tree.parent().chown(hidden, (int) header.uid(), (int) header.gid());
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST || !tree.parent().stat(hidden).isDirectory()) {
                throw e;
            }
            tree.parent().setXattr(hidden, OVERLAY_OPAQUE, YES);
        }
    }

    private Made regular(TarHeader header, EntryName name) throws IOException {
        byte[] last = name.last();
        byte[] digest;
        boolean elsewhere = tree.throughLink() || header.sparse() != null;
        try (var file = tree.create(last, this::makeRoom)) {
            digest = elsewhere
                    ? content.writeAndSave(file, header.sparse(), header.size(), saved(number))
                    : content.write(file);
        }
        metadata(header, last);
        size += header.size();
        byte[] path = tree.resolved(last);
        if (!elsewhere) {
            payloads.put(key(path), number);
        }
        Journal.Payload payload =
                header.payload() == 0 ? Journal.Payload.NONE : elsewhere ? Journal.Payload.SAVED : Journal.Payload.TREE;
        return new Made(payload, index(header, path, IndexEntry.Type.REGULAR, header.size(), digest));
    }

    private Made hardLink(TarHeader header, EntryName name) throws IOException {
        EntryName target = EntryName.of(header.linkName());
        if (target.climbs()) {
            throw EngineException.invalidParameter("invalid hardlink target \"" + text(header.linkName()) + "\"");
        }
        byte[] last = name.last();
        tree.make(last, this::makeRoom, () -> tree.link(target.clean(), last));
        metadata(header, last);
        return new Made(Journal.Payload.NONE, index(header, tree.resolved(last), IndexEntry.Type.HARD_LINK, 0, null));
    }

    private Made symlink(TarHeader header, EntryName name) throws IOException {
        byte[] last = name.last();
        tree.make(last, this::makeRoom, () -> tree.parent().symlink(header.linkName(), last));
        metadata(header, last);
        size += header.linkName().length;
        return new Made(
                Journal.Payload.NONE,
                index(header, tree.resolved(last), IndexEntry.Type.SYMLINK, header.linkName().length, null));
    }

    private Made directory(TarHeader header, EntryName name) throws IOException {
        byte[] last = name.last();
        boolean overWhiteout = false;
        try {
            tree.parent().mkdir(last, 0700);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            Stat existing = tree.parent().stat(last);
            if (!existing.isDirectory()) {
                overWhiteout = existing.isWhiteout();
                makeRoom(last);
                tree.parent().mkdir(last, 0700);
            }
        }
        metadata(header, last);
        if (overWhiteout && privileged) {
            tree.parent().setXattr(last, OVERLAY_OPAQUE, YES);
        }
        byte[] path = tree.resolved(last);
        directories.add(new DirectoryTimes(path, header.mtime(), header.mtimeNanos()));
        return new Made(Journal.Payload.NONE, index(header, path, IndexEntry.Type.DIRECTORY, 0, null));
    }

    private Made node(TarHeader header, EntryName name, int kind, IndexEntry.Type type) throws IOException {
        byte[] last = name.last();
        if (privileged || kind == Stat.FIFO) {
            tree.make(
                    last,
                    this::makeRoom,
                    () -> tree.parent().mknod(last, kind | 0600, (int) header.major(), (int) header.minor()));
            metadata(header, last);
        }
        return new Made(Journal.Payload.NONE, index(header, tree.resolved(last), type, 0, null));
    }

    private void metadata(TarHeader header, byte[] last) throws IOException {
        Directory parent = tree.parent();
        if (privileged) {
            parent.chown(last, (int) header.uid(), (int) header.gid());
            for (Map.Entry<String, byte[]> attribute : header.xattrs().entrySet()) {
                setXattr(parent, last, attribute.getKey(), attribute.getValue());
            }
        }
        boolean link = header.type() == TarHeader.SYMLINK
                || header.type() == TarHeader.LINK && parent.stat(last).isSymlink();
        if (!link) {
            int owner = privileged ? 0 : header.type() == TarHeader.DIRECTORY ? 0700 : 0600;
            parent.chmod(last, header.mode() | owner);
        }
        if (header.type() != TarHeader.DIRECTORY) {
            parent.utimens(last, header.mtime(), header.mtimeNanos(), header.mtime(), header.mtimeNanos());
        }
    }

    private static void setXattr(Directory parent, byte[] last, String attribute, byte[] value) throws LinuxException {
        if (isOverlaysOwn(attribute)) {
            return;
        }
        try {
            parent.setXattr(last, attribute.getBytes(StandardCharsets.ISO_8859_1), value);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
        }
    }

    /** Whether overlayfs would take the attribute for one of its own marks. */
    static boolean isOverlaysOwn(String attribute) {
        return attribute.startsWith("trusted.overlay.") || attribute.startsWith("user.overlay.");
    }

    private void directoryTimes() throws IOException {
        for (DirectoryTimes times : directories.reversed()) {
            tree.root().utimens(times.name(), times.seconds(), times.nanos(), times.seconds(), times.nanos());
        }
    }

    /** Removes what stands where an entry wants to be; the payloads that only the tree had go to where the journal looks first. */
    private void makeRoom(byte[] last) throws IOException {
        replaced = true;
        String path = key(tree.resolved(last));
        for (Map.Entry<String, Long> entry : List.copyOf(payloads.entrySet())) {
            if (entry.getKey().equals(path) || entry.getKey().startsWith(path + "/")) {
                tree.moveTo(entry.getKey().getBytes(StandardCharsets.ISO_8859_1), saved(entry.getValue()));
                payloads.remove(entry.getKey());
            }
        }
        tree.parent().removeTree(last);
    }

    private Path saved(long entry) throws IOException {
        return Files.createDirectories(layer.resolve(Journal.SAVED)).resolve(Long.toString(entry));
    }

    private static IndexEntry index(
            TarHeader header, byte[] path, IndexEntry.Type type, long size, byte @Nullable [] content) {
        return new IndexEntry(path, type, header.mode(), header.uid(), header.gid(), size, content);
    }

    private static String key(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }
}
