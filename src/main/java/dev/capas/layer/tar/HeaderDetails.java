package dev.capas.layer.tar;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What only the raw headers of an entry tell.
 *
 * @param linkName for links, what they point to, raw bytes as the archive has them; else empty
 * @param major for devices
 * @param minor for devices
 * @param attributes the extended attributes that the tree gets, sorted, each byte of a value a character
 */
public record HeaderDetails(byte[] linkName, long major, long minor, Map<String, String> attributes) {
    private static final int BLOCK = 512;
    private static final HeaderDetails NONE = new HeaderDetails(new byte[0], 0, 0, Map.of());

    /** Most entries have one plain header that says nothing beside the index, and are not parsed. */
    static HeaderDetails of(byte[] raw, IndexEntry.Type type) throws IOException {
        boolean plain = switch (type) {
            case REGULAR, DIRECTORY, FIFO -> raw.length == BLOCK;
            case WHITEOUT, OPAQUE, NOTHING -> true;
            default -> false;
        };
        if (plain) {
            return NONE;
        }
        TarHeader header = new TarReader(new ByteArrayInputStream(raw)).next();
        if (header == null) {
            throw new IOException("an entry of the journal has no header");
        }
        Map<String, String> attributes = new TreeMap<>();
        header.xattrs().forEach((name, value) -> {
            if (!Extraction.isOverlaysOwn(name)) {
                attributes.put(name, new String(value, StandardCharsets.ISO_8859_1));
            }
        });
        return new HeaderDetails(header.linkName(), header.major(), header.minor(), attributes);
    }

    /** Where a hard link's target lies in the tree: cleaned, without a leading slash. */
    public byte[] cleanLinkName() {
        return EntryName.of(linkName).clean();
    }
}
