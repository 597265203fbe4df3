package dev.capas.layer.tar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The records {@code "length key=value\n"} of a PAX extended header (POSIX.1-2001, pax, "pax Extended Header"). */
final class PaxRecords {
    private static final String SPARSE_OFFSET = "GNU.sparse.offset";
    private static final String SPARSE_BYTES = "GNU.sparse.numbytes";
    private static final String XATTR = "SCHILY.xattr.";

    private final Map<String, byte[]> records = new LinkedHashMap<>();
    private final List<Long> sparsePieces = new ArrayList<>();

    /** Reads a header's content; refuses what is malformed. */
    static PaxRecords parse(byte[] content) {
        PaxRecords result = new PaxRecords();
        for (int at = 0; at < content.length; ) {
            int space = indexOf(content, (byte) ' ', at, content.length);
            long length = space < 0 ? -1 : decimal(content, at, space);
            if (length < 5 || length > content.length - at || content[(int) (at + length) - 1] != '\n') {
                throw TarReader.invalidHeader();
            }
            int end = (int) (at + length) - 1;
            int equals = indexOf(content, (byte) '=', space + 1, end);
            if (equals < 0) {
                throw TarReader.invalidHeader();
            }
            String key = new String(content, space + 1, equals - space - 1, StandardCharsets.ISO_8859_1);
            result.add(key, Arrays.copyOfRange(content, equals + 1, end));
            at = end + 1;
        }
        return result;
    }

    byte @Nullable [] bytes(String key) {
        byte[] value = records.get(key);
        return value == null || value.length == 0 ? null : value;
    }

    @Nullable
    String text(String key) {
        byte[] value = bytes(key);
        return value == null ? null : new String(value, StandardCharsets.ISO_8859_1);
    }

    /** A decimal number, or the given one where the record is absent or empty. */
    long number(String key, long otherwise) {
        byte[] value = bytes(key);
        return value == null ? otherwise : decimal(value, 0, value.length);
    }

    /** The pieces of sparse format 0.0, which repeats its keys. */
    List<Long> sparsePieces() {
        return sparsePieces;
    }

    Map<String, byte[]> xattrs() {
        Map<String, byte[]> attributes = new LinkedHashMap<>();
        records.forEach((key, value) -> {
            if (key.startsWith(XATTR)) {
                attributes.put(key.substring(XATTR.length()), value);
            }
        });
        return attributes;
    }

    private void add(String key, byte[] value) {
        boolean named = key.equals("path") || key.equals("linkpath") || key.equals("uname") || key.equals("gname");
        if (key.isEmpty() || key.indexOf('\0') >= 0 || named && indexOf(value, (byte) 0, 0, value.length) >= 0) {
            throw TarReader.invalidHeader();
        }
        if (key.equals(SPARSE_OFFSET) || key.equals(SPARSE_BYTES)) {
            boolean offset = sparsePieces.size() % 2 == 0;
            if (offset != key.equals(SPARSE_OFFSET)) {
                throw TarReader.invalidHeader();
            }
            sparsePieces.add(decimal(value, 0, value.length));
        } else {
            records.put(key, value);
        }
    }

    static int indexOf(byte[] bytes, byte wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    static long decimal(byte[] bytes, int from, int to) {
        try {
            return Long.parseLong(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
        } catch (NumberFormatException e) {
            throw TarReader.invalidHeader();
        }
    }
}
