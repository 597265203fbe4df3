package dev.capas.usage;

import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import dev.capas.linux.TreeUsage;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** An entry of a directory that is open; what vanishes meanwhile, or has something mounted on it, weighs nothing and has nothing below. */
final class Place {
    private final Directory parent;
    private final byte[] name;
    private final @Nullable Stat stat;

    private Place(Directory parent, byte[] name, long device) throws LinuxException {
        this.parent = parent;
        this.name = name;
        Stat found = stat(parent, name);
        this.stat = found != null && found.device() == device ? found : null;
    }

    @FunctionalInterface
    interface Visit {
        void visit(Place place) throws LinuxException;
    }

    /** Visits all entries of a directory. */
    static void each(Directory directory, Visit visit) throws LinuxException {
        long device = directory.stat().device();
        for (Directory.Entry entry : directory.list()) {
            visit.visit(new Place(directory, entry.name(), device));
        }
    }

    private static @Nullable Stat stat(Directory parent, byte[] name) throws LinuxException {
        try {
            return parent.stat(name);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    /** Its name, where that is text; all names that the engine gives are. */
    String name() {
        return new String(name, StandardCharsets.UTF_8);
    }

    /** What it weighs without what is below it. */
    TreeUsage own() {
        return stat == null
                ? TreeUsage.NONE
                : new TreeUsage(isDirectory() ? 0 : stat.size(), stat.blocks() * Stat.BLOCK);
    }

    /** What it weighs with all that is below it, each inode once. */
    TreeUsage usage() throws LinuxException {
        if (!isDirectory()) {
            return own();
        }
        try (Directory directory = parent.openDirectoryNoFollow(name)) {
            return TreeUsage.of(directory);
        } catch (LinuxException e) {
            return gone(e, TreeUsage.NONE);
        }
    }

    /** How many entries it has. */
    long count() throws LinuxException {
        if (!isDirectory()) {
            return 0;
        }
        try (Directory directory = parent.openDirectoryNoFollow(name)) {
            return directory.list().size();
        } catch (LinuxException e) {
            return gone(e, 0L);
        }
    }

    /** Visits all its entries. */
    void each(Visit visit) throws LinuxException {
        if (isDirectory()) {
            try (Directory directory = parent.openDirectoryNoFollow(name)) {
                each(directory, visit);
            } catch (LinuxException e) {
                gone(e, this);
            }
        }
    }

    /** Whether it has this entry. */
    boolean has(String entry) throws LinuxException {
        return below(entry) != null;
    }

    /** What a file in it weighs. */
    TreeUsage own(String entry) throws LinuxException {
        Stat found = below(entry);
        return found == null ? TreeUsage.NONE : new TreeUsage(found.size(), found.blocks() * Stat.BLOCK);
    }

    private @Nullable Stat below(String entry) throws LinuxException {
        return stat == null ? null : stat(parent, (name() + "/" + entry).getBytes(StandardCharsets.UTF_8));
    }

    private boolean isDirectory() {
        return stat != null && (stat.mode() & Stat.TYPE) == Stat.DIRECTORY;
    }

    private static <T> T gone(LinuxException e, T nothing) throws LinuxException {
        if (e.errno() == Errno.ENOENT) {
            return nothing;
        }
        throw e;
    }
}
