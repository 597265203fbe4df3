package dev.capas.layer.tar;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An entry of a tar that is read in place, not extracted.
 *
 * @param name as the archive has it, read as UTF-8
 * @param kind what it is
 * @param linkName where a link leads to
 * @param offset where its content begins in the archive, in bytes
 * @param size the length of the content in bytes
 */
public record ArchiveEntry(String name, Kind kind, String linkName, long offset, long size) {
    /** What an entry is, as far as a reader in place can use it. */
    public enum Kind {
        FILE,
        HARD_LINK,
        SYMLINK,
        DIRECTORY,
        OTHER
    }

    /**
     * Reads the headers of an archive, in order, and skips the contents.
     *
     * @throws dev.capas.errdefs.EngineException if it is no tar, by the rules of Go's {@code archive/tar}, or ends early
     */
    public static List<ArchiveEntry> list(InputStream tar) throws IOException {
        CountingInputStream in = new CountingInputStream(tar);
        TarReader reader = new TarReader(in);
        List<ArchiveEntry> entries = new ArrayList<>();
        for (TarHeader header = reader.next(); header != null; header = reader.next()) {
            entries.add(new ArchiveEntry(
                    text(header.name()), kind(header), text(header.linkName()), in.count(), header.payload()));
            reader.skip();
            reader.padding();
        }
        return entries;
    }

    private static Kind kind(TarHeader header) {
        return switch (header.type()) {
            case TarHeader.REGULAR -> header.sparse() == null ? Kind.FILE : Kind.OTHER;
            case TarHeader.LINK -> Kind.HARD_LINK;
            case TarHeader.SYMLINK -> Kind.SYMLINK;
            case TarHeader.DIRECTORY -> Kind.DIRECTORY;
            default -> Kind.OTHER;
        };
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
