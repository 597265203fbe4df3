package dev.capas.layer.tar;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The fields of one header block, in whichever of the formats V7, ustar, star and GNU it is. */
record TarFields(
        byte[] name, byte[] linkName, long mode, long uid, long gid, long size, long mtime, long major, long minor) {
    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_END = 156;
    private static final int MAGIC = 257;

    /** Reads a block whose checksum is right, and refuses any other. */
    static TarFields of(byte[] block) {
        verifyChecksum(block);
        String magic = new String(block, MAGIC, 8, StandardCharsets.ISO_8859_1);
        boolean ustar = magic.equals("ustar\00000");
        boolean gnu = magic.equals("ustar  \0");
        boolean star = ustar && new String(block, 508, 4, StandardCharsets.ISO_8859_1).equals("tar\0");
        byte[] name = text(block, 0, 100);
        if (ustar) {
            byte[] prefix = text(block, 345, star ? 131 : 155);
            name = prefix.length == 0 ? name : join(prefix, name);
        }
        long size = number(block, 124, 12);
        if (size < 0) {
            throw TarReader.invalidHeader();
        }
        return new TarFields(
                name,
                text(block, 157, 100),
                number(block, 100, 8),
                number(block, 108, 8),
                number(block, 116, 8),
                size,
                number(block, 136, 12),
                ustar || gnu ? number(block, 329, 8) : 0,
                ustar || gnu ? number(block, 337, 8) : 0);
    }

    private static void verifyChecksum(byte[] block) {
        long wanted = octal(block, CHECKSUM, 8);
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < block.length; i++) {
            byte b = i >= CHECKSUM && i < CHECKSUM_END ? (byte) ' ' : block[i];
            unsigned += b & 0xff;
            signed += b;
        }
        if (wanted != unsigned && wanted != signed) {
            throw TarReader.invalidHeader();
        }
    }

    private static byte[] text(byte[] block, int offset, int length) {
        int end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, offset, end);
    }

    /** Octal digits, or a base-256 number where the first bit is set (GNU). */
    private static long number(byte[] block, int offset, int length) {
        if ((block[offset] & 0x80) == 0) {
            return octal(block, offset, length);
        }
        int inverted = (block[offset] & 0x40) == 0 ? 0 : 0xff;
        long value = 0;
        for (int i = 0; i < length; i++) {
            int b = block[offset + i] & 0xff ^ inverted;
            if (i == 0) {
                b &= 0x7f;
            }
            if (value >> 56 > 0) {
                throw TarReader.invalidHeader();
            }
            value = value << 8 | b;
        }
        if (value < 0) {
            throw TarReader.invalidHeader();
        }
        return inverted == 0 ? value : ~value;
    }

    private static long octal(byte[] block, int offset, int length) {
        int from = offset;
        int to = offset + length;
        while (from < to && (block[from] == ' ' || block[from] == 0)) {
            from++;
        }
        while (to > from && (block[to - 1] == ' ' || block[to - 1] == 0)) {
            to--;
        }
        long value = 0;
        for (int i = from; i < to && block[i] != 0; i++) {
            if (block[i] < '0' || block[i] > '7') {
                throw TarReader.invalidHeader();
            }
            value = value << 3 | block[i] - '0';
        }
        return value;
    }

    private static byte[] join(byte[] prefix, byte[] name) {
        byte[] joined = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        joined[prefix.length] = '/';
        System.arraycopy(name, 0, joined, prefix.length + 1, name.length);
        return joined;
    }
}
