package dev.capas.layer.tar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Builds archives entry by entry, wrong ones too. */
public final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public static byte[] of(Tar... parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (Tar part : parts) {
            whole.writeBytes(part.bytes.toByteArray());
        }
        whole.writeBytes(new byte[1024]);
        return whole.toByteArray();
    }

    public static Tar file(String name, String content) {
        return entry(name, '0', content, "");
    }

    public static Tar directory(String name) {
        return entry(name, '5', "", "");
    }

    public static Tar symlink(String name, String target) {
        return entry(name, '2', "", target);
    }

    public static Tar link(String name, String target) {
        return entry(name, '1', "", target);
    }

    public static Tar entry(String name, char type, String content, String target) {
        Tar tar = new Tar();
        byte[] payload = content.getBytes(StandardCharsets.ISO_8859_1);
        tar.bytes.writeBytes(header(name, type, payload.length, target));
        tar.bytes.writeBytes(payload);
        tar.bytes.writeBytes(new byte[-payload.length & 511]);
        return tar;
    }

    public static Tar pax(Map<String, String> records, Tar following) {
        StringBuilder content = new StringBuilder();
        records.forEach((key, value) -> {
            int rest = key.length() + value.length() + 3;
            int length = rest + Integer.toString(rest + 1).length();
            content.append(length)
                    .append(' ')
                    .append(key)
                    .append('=')
                    .append(value)
                    .append('\n');
        });
        Tar tar = entry("PaxHeaders.0/x", 'x', content.toString(), "");
        tar.bytes.writeBytes(following.bytes.toByteArray());
        return tar;
    }

    public static Tar raw(byte[] block) {
        Tar tar = new Tar();
        tar.bytes.writeBytes(block);
        return tar;
    }

    public static byte[] header(String name, char type, long size, String target) {
        byte[] block = new byte[512];
        put(block, 0, name);
        put(block, 100, "0000644\0");
        put(block, 108, "0000000\0");
        put(block, 116, "0000000\0");
        put(block, 124, String.format("%011o\0", size));
        put(block, 136, "15000000000\0");
        block[156] = (byte) type;
        put(block, 157, target);
        put(block, 257, "ustar\00000");
        return checksum(block);
    }

    public static byte[] checksum(byte[] block) {
        put(block, 148, "        ");
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        put(block, 148, String.format("%06o\0 ", sum));
        return block;
    }

    private static void put(byte[] block, int offset, String text) {
        byte[] value = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(value, 0, block, offset, value.length);
    }
}
