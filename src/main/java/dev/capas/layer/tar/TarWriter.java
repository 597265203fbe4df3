package dev.capas.layer.tar;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes tar entries in ustar form, with a PAX header before those that do not fit it, as Go's {@code archive/tar} does. The same entry always gives the same bytes. */
public final class TarWriter {
    private static final int BLOCK = 512;
    private static final int NAME = 100;
    private static final int PREFIX = 155;
    private static final long OCTAL_7 = 07777777L;
    private static final long OCTAL_11 = 077777777777L;

    private final OutputStream out;
    private long padding;

    /** Writes to this stream, which it never closes. */
    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * The header of an entry.
     *
     * @param name raw bytes; a directory's ends with a slash
     * @param type the type flag, for example {@code '0'} for a regular file
     * @param mode the permission bits with setuid, setgid and sticky
     * @param uid the owner
     * @param gid the group
     * @param size the length of the content in bytes
     * @param mtime last change in seconds since 1970
     * @param linkName for links, raw bytes, else empty
     * @param major for devices
     * @param minor for devices
     * @param xattrs extended attributes by name
     */
    public record Header(
            byte[] name,
            char type,
            int mode,
            long uid,
            long gid,
            long size,
            long mtime,
            byte[] linkName,
            int major,
            int minor,
            Map<String, byte[]> xattrs) {}

    /** Writes a header; exactly {@code size} bytes must follow through {@link #write}, and then {@link #endEntry}. */
    public void begin(Header header) throws IOException {
        Map<String, byte[]> records = new LinkedHashMap<>();
        byte[] prefix = new byte[0];
        byte[] name = header.name();
        if (!isAscii(name)) {
            records.put("path", name);
        } else if (name.length > NAME) {
            int slash = splitAt(name);
            if (slash < 0) {
                records.put("path", name);
            } else {
                prefix = Arrays.copyOf(name, slash);
                name = Arrays.copyOfRange(name, slash + 1, name.length);
            }
        }
        if (header.linkName().length > NAME || !isAscii(header.linkName())) {
            records.put("linkpath", header.linkName());
        }
        number(records, "uid", header.uid(), OCTAL_7);
        number(records, "gid", header.gid(), OCTAL_7);
        number(records, "size", header.size(), OCTAL_11);
        number(records, "mtime", header.mtime(), OCTAL_11);
        header.xattrs().forEach((key, value) -> records.put("SCHILY.xattr." + key, value));
        if (!records.isEmpty()) {
            pax(header.name(), records);
        }
        out.write(block(header, name, prefix, header.type(), header.size()));
        padding = -header.size() & BLOCK - 1;
    }

    /** Writes some of the content. */
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    /** Pads the content. */
    public void endEntry() throws IOException {
        out.write(new byte[(int) padding]);
    }

    /** Writes the two blocks that end an archive. */
    public void end() throws IOException {
        out.write(new byte[2 * BLOCK]);
        out.flush();
    }

    private void pax(byte[] name, Map<String, byte[]> records) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> record : records.entrySet()) {
            byte[] key = record.getKey().getBytes(StandardCharsets.UTF_8);
            int rest = key.length + record.getValue().length + 3;
            int length = rest + Integer.toString(rest).length();
            length = rest + Integer.toString(length).length();
            content.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
            content.writeBytes(key);
            content.write('=');
            content.writeBytes(record.getValue());
            content.write('\n');
        }
        byte[] base = EntryName.of(name).last();
        byte[] ascii = new byte[Math.min(base.length, NAME - 13)];
        for (int i = 0; i < ascii.length; i++) {
            ascii[i] = base[i] < 0 ? (byte) '_' : base[i];
        }
        byte[] headerName = Arrays.copyOf("PaxHeaders.0/".getBytes(StandardCharsets.US_ASCII), 13 + ascii.length);
        System.arraycopy(ascii, 0, headerName, 13, ascii.length);
        Header header = new Header(headerName, 'x', 0, 0, 0, content.size(), 0, new byte[0], 0, 0, Map.of());
        out.write(block(header, headerName, new byte[0], 'x', content.size()));
        content.writeTo(out);
        out.write(new byte[-content.size() & BLOCK - 1]);
    }

    private static byte[] block(Header header, byte[] name, byte[] prefix, char type, long size) {
        byte[] block = new byte[BLOCK];
        copy(isAscii(name) ? name : replaceNonAscii(name), block, 0, NAME);
        octal(block, 100, 8, header.mode());
        octal(block, 108, 8, within(header.uid(), OCTAL_7));
        octal(block, 116, 8, within(header.gid(), OCTAL_7));
        octal(block, 124, 12, within(size, OCTAL_11));
        octal(block, 136, 12, within(header.mtime(), OCTAL_11));
        Arrays.fill(block, 148, 156, (byte) ' ');
        block[156] = (byte) type;
        copy(replaceNonAscii(header.linkName()), block, 157, NAME);
        copy("ustar\00000".getBytes(StandardCharsets.ISO_8859_1), block, 257, 8);
        octal(block, 329, 8, header.major());
        octal(block, 337, 8, header.minor());
        copy(prefix, block, 345, PREFIX);
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        octal(block, 148, 7, sum);
        return block;
    }

    private static void octal(byte[] block, int offset, int length, long value) {
        String digits = Long.toOctalString(value);
        String padded = "0".repeat(length - 1 - digits.length()) + digits;
        copy(padded.getBytes(StandardCharsets.US_ASCII), block, offset, length - 1);
        block[offset + length - 1] = 0;
    }

    private static long within(long value, long largest) {
        return value < 0 || value > largest ? 0 : value;
    }

    private static void number(Map<String, byte[]> records, String key, long value, long largest) {
        if (value < 0 || value > largest) {
            records.put(key, Long.toString(value).getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void copy(byte[] from, byte[] block, int offset, int limit) {
        System.arraycopy(from, 0, block, offset, Math.min(from.length, limit));
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] replaceNonAscii(byte[] bytes) {
        byte[] ascii = bytes.clone();
        for (int i = 0; i < ascii.length; i++) {
            ascii[i] = ascii[i] < 0 ? (byte) '_' : ascii[i];
        }
        return ascii;
    }

    /** Where a long name can be split into prefix and name, or -1. */
    private static int splitAt(byte[] name) {
        for (int slash = Math.min(PREFIX, name.length - 2); slash > 0 && name.length - slash - 1 <= NAME; slash--) {
            if (name[slash] == '/') {
                return slash;
            }
        }
        return -1;
    }
}
