package dev.capas.layer;

import dev.capas.layer.tar.IndexEntry;
import dev.capas.layer.tar.Journal;
import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import dev.capas.linux.TreeUsage;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a layer on disk is still the one that its name says. */
public final class LayerVerification {
    /** As many characters as the column {@code layer.damaged} takes. */
    private static final int LONGEST = 1024;

    private LayerVerification() {}

    /** What is wrong with a layer; empty where its tar still has the digest. */
    static Optional<String> damage(Path layer, Digest diffId) {
        try {
            Digest now = Tar.of(layer).digest();
            return now.equals(diffId) ? Optional.empty() : Optional.of("its digest is now " + now);
        } catch (IOException | RuntimeException e) {
            String message = String.valueOf(e.getMessage());
            return Optional.of(message.substring(0, Math.min(message.length(), LONGEST)));
        }
    }

    /**
     * What differs between a layer and what is known of it: digest, sizes, and the names in its tree. All of it is read. The allocated
     * bytes are left out, for the file system may change them as it likes.
     *
     * @param directory that of the layer
     * @param size the apparent bytes that are known
     * @param tarSize the length of its tar that is known
     * @param files the number of its entries that is known
     */
    public static List<String> differences(Path directory, Digest diffId, long size, long tarSize, long files) {
        List<String> found = new ArrayList<>();
        try {
            Tar tar = Tar.of(directory);
            if (!tar.digest().equals(diffId)) {
                found.add("its digest is now " + tar.digest());
            }
            compare("its tar", tar.length(), tarSize, found);
            Path tree = directory.resolve(Journal.TREE);
            compare("its size", TreeUsage.of(tree).apparent(), size, found);
            List<IndexEntry> index = new ArrayList<>();
            Journal.index(directory, index::add);
            compare("the number of its entries", index.size(), files, found);
            compareNames(tree, index, found);
        } catch (IOException | RuntimeException e) {
            found.add("cannot be read: " + e.getMessage());
        }
        return found;
    }

    private static void compare(String what, long now, long known, List<String> found) {
        if (now != known) {
            found.add(what + " is now " + now + ", not " + known);
        }
    }

    private static void compareNames(Path tree, List<IndexEntry> index, List<String> found) throws IOException {
        Set<String> known = new HashSet<>();
        try (Directory root = Directory.open(tree)) {
            for (IndexEntry entry : index) {
                known.add(key(entry.path()));
                if (isInTree(entry) && isMissing(root, entry.path())) {
                    found.add(text(entry.path()) + " is missing");
                }
            }
            unknown(root, "", known, found);
        }
    }

    private static boolean isInTree(IndexEntry entry) {
        return switch (entry.type()) {
            case REGULAR, HARD_LINK, SYMLINK, DIRECTORY -> true;
            default -> false;
        };
    }

    private static boolean isMissing(Directory root, byte[] path) throws LinuxException {
        try {
            root.stat(path);
            return false;
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return true;
            }
            if (e.errno() == Errno.ENOTDIR) {
                return false;
            }
            throw e;
        }
    }

    /** Directories may be there because something lies below them, and character devices as whiteouts. */
    private static void unknown(Directory directory, String prefix, Set<String> known, List<String> found)
            throws IOException {
        for (Directory.Entry entry : directory.list()) {
            String path = prefix + key(entry.name());
            if (entry.isDirectory()) {
                try (Directory below = directory.openDirectoryNoFollow(entry.name())) {
                    unknown(below, path + "/", known, found);
                }
            } else if (!known.contains(path) && directory.stat(entry.name()).type() != Stat.CHARACTER_DEVICE) {
                found.add(text(path.getBytes(StandardCharsets.ISO_8859_1)) + " is not known to its journal");
            }
        }
    }

    private static String key(byte[] path) {
        return new String(path, StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] path) {
        return new String(path, StandardCharsets.UTF_8);
    }

    /** The tar that a layer gives now. */
    private record Tar(Digest digest, long length) {
        static Tar of(Path layer) throws IOException {
            MessageDigest sha256 = Digest.sha256();
            long[] length = {0};
            try (OutputStream out = new OutputStream() {
                @Override
                public void write(int one) {
                    write(new byte[] {(byte) one}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int count) {
                    sha256.update(bytes, offset, count);
                    length[0] += count;
                }
            }) {
                Journal.writeTar(layer, out);
            }
            return new Tar(Digest.of(sha256.digest()), length[0]);
        }
    }
}
