package dev.capas.image;

import dev.capas.errdefs.EngineException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;

/** Writes the outer tar of a saved image: POSIX ustar headers, byte for byte as Go's {@code archive/tar} writes those of dockerd. */
final class TarWriter {
    private static final int BLOCK = 512;
    /** What eleven octal digits hold. */
    private static final long MAX_USTAR_SIZE = (1L << 33) - 1;

    private final OutputStream out;

    /** Content that is written while it is made. */
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    TarWriter(OutputStream out) {
        this.out = out;
    }

    void directory(String name, Instant modified) throws IOException {
        header(name, '5', 0755, 0, modified);
    }

    void file(String name, byte[] content, Instant modified) throws IOException {
        file(name, content.length, modified, sink -> sink.write(content));
    }

    /**
     * Writes a file of a known length.
     *
     * @throws EngineException if the content has another length
     */
    void file(String name, long size, Instant modified, Content content) throws IOException {
        if (size > MAX_USTAR_SIZE) {
            paxSize(name, size);
        }
        header(name, '0', 0644, size > MAX_USTAR_SIZE ? 0 : size, modified);
        Counter counter = new Counter(out);
        content.writeTo(counter);
        if (counter.count != size) {
            throw EngineException.system(
                    name + " has " + counter.count + " bytes where " + size + " were expected", null);
        }
        pad(size);
    }

    /** Ends the archive. */
    void finish() throws IOException {
        out.write(new byte[2 * BLOCK]);
    }

    private void paxSize(String name, long size) throws IOException {
        String record = " size=" + size + "\n";
        int length = record.length() + 2;
        byte[] content = (length + record).getBytes(StandardCharsets.US_ASCII);
        String base = name.substring(name.lastIndexOf('/') + 1);
        header(
                name.substring(0, name.length() - base.length()) + "PaxHeaders.0/" + base,
                'x',
                0,
                content.length,
                Instant.EPOCH);
        out.write(content);
        pad(content.length);
    }

    private void header(String name, char type, int mode, long size, Instant modified) throws IOException {
        byte[] block = new byte[BLOCK];
        put(block, 0, name);
        put(block, 100, octal(mode, 7));
        put(block, 108, octal(0, 7));
        put(block, 116, octal(0, 7));
        put(block, 124, octal(size, 11));
        put(block, 136, octal(Math.max(0, modified.getEpochSecond()), 11));
        Arrays.fill(block, 148, 156, (byte) ' ');
        block[156] = (byte) type;
        put(block, 257, "ustar\0" + "00");
        put(block, 329, octal(0, 7));
        put(block, 337, octal(0, 7));
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        put(block, 148, octal(sum, 6) + "\0 ");
        out.write(block);
    }

    private static String octal(long value, int digits) {
        return String.format(Locale.ROOT, "%0" + digits + "o", value);
    }

    private static void put(byte[] block, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, block, offset, bytes.length);
    }

    private void pad(long size) throws IOException {
        int rest = (int) (size % BLOCK);
        if (rest != 0) {
            out.write(new byte[BLOCK - rest]);
        }
    }

    private static final class Counter extends FilterOutputStream {
        private long count;

        Counter(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            count += length;
        }
    }
}
