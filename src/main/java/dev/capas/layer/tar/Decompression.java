package dev.capas.layer.tar;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** Archives come plain or compressed by gzip, zstd, xz or bzip2; the first bytes tell which. */
public final class Decompression {
    private static final int BUFFER = 1 << 16;
    private static final int MAGIC = 6;
    /** What xz may take for its dictionary, in KiB. */
    private static final int XZ_MEMORY = 128 << 10;

    private static final byte[] GZIP = {0x1f, (byte) 0x8b, 0x08};
    private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
    private static final byte[] ZSTD_SKIPPABLE = {0x2a, 0x4d, 0x18};
    private static final byte[] XZ = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};
    private static final byte[] BZIP2 = {'B', 'Z', 'h'};

    private Decompression() {}

    /**
     * A stream as it is without its compression.
     *
     * @param stream the plain bytes
     * @param compressed whether they were compressed
     */
    public record Plain(InputStream stream, boolean compressed) {}

    /**
     * Looks at the first bytes and decompresses where they ask for it.
     *
     * @throws IOException if the stream cannot be read, or its header is damaged
     */
    public static Plain of(InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, BUFFER);
        buffered.mark(MAGIC);
        byte[] head = buffered.readNBytes(MAGIC);
        buffered.reset();
        if (startsWith(head, 0, GZIP)) {
            var gzip = GzipCompressorInputStream.builder()
                    .setInputStream(buffered)
                    .setDecompressConcatenated(true)
                    .setBufferSize(BUFFER)
                    .get();
            return new Plain(new Compressed(gzip), true);
        }
        if (startsWith(head, 0, ZSTD) || (startsWith(head, 1, ZSTD_SKIPPABLE) && (head[0] & 0xf0) == 0x50)) {
            return new Plain(new Compressed(new ZstdInputStream(buffered).setContinuous(false)), true);
        }
        if (startsWith(head, 0, XZ)) {
            var xz = XZCompressorInputStream.builder()
                    .setInputStream(buffered)
                    .setDecompressConcatenated(true)
                    .setMemoryLimitKiB(XZ_MEMORY)
                    .get();
            return new Plain(new Compressed(xz), true);
        }
        if (startsWith(head, 0, BZIP2)) {
            return new Plain(new Compressed(new BZip2CompressorInputStream(buffered, true)), true);
        }
        return new Plain(buffered, false);
    }

    /** Says in Go's words that the compressed bytes end too early. */
    private static final class Compressed extends FilterInputStream {
        Compressed(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (EOFException e) {
                throw new IOException("unexpected EOF", e);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (EOFException e) {
                throw new IOException("unexpected EOF", e);
            }
        }
    }

    private static boolean startsWith(byte[] head, int from, byte[] magic) {
        return head.length >= from + magic.length
                && Arrays.equals(head, from, from + magic.length, magic, 0, magic.length);
    }
}
