package dev.capas.layer;

import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an upper directory changes of the stack below it. An entry counts as changed if its mode, owner, group, device number or
 * capability differs from what the stack shows, or, unless it is a directory, its length or time of change; so what was copied up and
 * stayed the same does not show. Parents of a change show as modified.
 */
final class Changes {
    private static final byte[] OPAQUE = Directory.name("trusted.overlay.opaque");
    private static final byte[] CAPABILITY = Directory.name("security.capability");

    private final List<Change> found = new ArrayList<>();

    private Changes() {}

    /**
     * Compares.
     *
     * @param lowers the trees below, the topmost first
     */
    static List<Change> of(Path upper, List<Path> lowers) throws IOException {
        Changes changes = new Changes();
        List<Directory> open = new ArrayList<>();
        try (Directory top = Directory.open(upper)) {
            for (Path lower : lowers) {
                open.add(Directory.open(lower));
            }
            changes.compare(top, open, "");
        } finally {
            open.forEach(Directory::close);
        }
        changes.found.sort((a, b) -> Arrays.compareUnsigned(
                a.path().getBytes(StandardCharsets.UTF_8), b.path().getBytes(StandardCharsets.UTF_8)));
        return changes.found;
    }

    /** Whether anything below the directory changed. */
    private boolean compare(Directory upper, List<Directory> lowers, String path) throws IOException {
        boolean changed = false;
        for (Directory.Entry entry : upper.list()) {
            String at = path + "/" + new String(entry.name(), StandardCharsets.UTF_8);
            changed |= compare(upper, entry.name(), lowers, at);
        }
        return changed;
    }

    private boolean compare(Directory upper, byte[] name, List<Directory> lowers, String path) throws IOException {
        Stat stat = upper.stat(name);
        Lower below = Lower.find(lowers, name);
        if (stat.isWhiteout()) {
            return below != null && add(path, Change.Kind.DELETED);
        }
        if (below == null) {
            if (stat.isDirectory()) {
                try (Directory directory = upper.openDirectoryNoFollow(name)) {
                    compare(directory, List.of(), path);
                }
            }
            return add(path, Change.Kind.ADDED);
        }
        boolean inside = stat.isDirectory() && inside(upper, name, below, path);
        return (inside || differs(upper, name, stat, below)) && add(path, Change.Kind.MODIFIED);
    }

    private boolean inside(Directory upper, byte[] name, Lower below, String path) throws IOException {
        List<Directory> lowers = below.stat().isDirectory() ? below.directories(name) : List.of();
        try (Directory directory = upper.openDirectoryNoFollow(name)) {
            boolean changed = compare(directory, lowers, path);
            if (isOpaque(upper, name)) {
                Set<String> kept = new HashSet<>();
                directory.list().forEach(entry -> kept.add(key(entry.name())));
                changed |= deleted(lowers, kept, path);
            }
            return changed;
        } finally {
            lowers.forEach(Directory::close);
        }
    }

    /** Everything that the stack shows in a directory and that is not kept. */
    private boolean deleted(List<Directory> lowers, Set<String> kept, String path) throws IOException {
        Map<String, Boolean> shown = new LinkedHashMap<>();
        for (Directory lower : lowers) {
            for (Directory.Entry entry : lower.list()) {
                shown.putIfAbsent(key(entry.name()), !lower.stat(entry.name()).isWhiteout());
            }
        }
        boolean any = false;
        for (Map.Entry<String, Boolean> entry : shown.entrySet()) {
            if (entry.getValue() && !kept.contains(entry.getKey())) {
                byte[] name = entry.getKey().getBytes(StandardCharsets.ISO_8859_1);
                any |= add(path + "/" + new String(name, StandardCharsets.UTF_8), Change.Kind.DELETED);
            }
        }
        return any;
    }

    private boolean add(String path, Change.Kind kind) {
        found.add(new Change(path, kind));
        return true;
    }

    private static boolean differs(Directory upper, byte[] name, Stat now, Lower below) throws IOException {
        Stat before = below.stat();
        return now.mode() != before.mode()
                || now.uid() != before.uid()
                || now.gid() != before.gid()
                || now.rdevMajor() != before.rdevMajor()
                || now.rdevMinor() != before.rdevMinor()
                || !now.isDirectory() && (now.size() != before.size() || !sameTime(now, before))
                || now.isRegular()
                        && !Arrays.equals(xattr(upper, name, CAPABILITY), xattr(below.tree(), name, CAPABILITY));
    }

    /** Times that an archive brought have no fraction; two that differ only in a missing one are the same. */
    private static boolean sameTime(Stat a, Stat b) {
        return a.mtime() == b.mtime()
                && (a.mtimeNanos() == b.mtimeNanos() || a.mtimeNanos() == 0 || b.mtimeNanos() == 0);
    }

    private static boolean isOpaque(Directory directory, byte[] name) throws IOException {
        return Arrays.equals(xattr(directory, name, OPAQUE), new byte[] {'y'});
    }

    private static byte[] xattr(Directory directory, byte[] name, byte[] attribute) throws IOException {
        try {
            return directory.getXattr(name, attribute);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENODATA || e.errno() == Errno.EOPNOTSUPP) {
                return new byte[0];
            }
            throw e;
        }
    }

    private static String key(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    /** What the stack shows under a name: the topmost entry, and for a directory those below that it merges with. */
    private record Lower(Stat stat, Directory tree, List<Directory> parents) {
        static @Nullable Lower find(List<Directory> lowers, byte[] name) throws IOException {
            for (int i = 0; i < lowers.size(); i++) {
                try {
                    Stat stat = lowers.get(i).stat(name);
                    return stat.isWhiteout() ? null : new Lower(stat, lowers.get(i), lowers.subList(i, lowers.size()));
                } catch (LinuxException e) {
                    if (e.errno() != Errno.ENOENT) {
                        throw e;
                    }
                }
            }
            return null;
        }

        /** The directories that are merged under the name, topmost first; to be closed. */
        List<Directory> directories(byte[] name) throws IOException {
            List<Directory> merged = new ArrayList<>();
            for (Directory parent : parents) {
                try {
                    if (!parent.stat(name).isDirectory()) {
                        break;
                    }
                } catch (LinuxException e) {
                    if (e.errno() == Errno.ENOENT) {
                        continue;
                    }
                    throw e;
                }
                merged.add(parent.openDirectoryNoFollow(name));
                if (isOpaque(parent, name)) {
                    break;
                }
            }
            return merged;
        }
    }
}
