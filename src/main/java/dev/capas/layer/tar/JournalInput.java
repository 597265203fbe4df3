package dev.capas.layer.tar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Reads what a {@link java.io.DataOutputStream} wrote; several times as fast as the class that the JDK has for that, on small pieces. */
final class JournalInput implements AutoCloseable {
    private static final int BUFFER = 1 << 17;

    private final InputStream in;
    private ByteBuffer buffer = ByteBuffer.allocate(BUFFER).flip();

    JournalInput(InputStream in) {
        this.in = in;
    }

    /** The next byte; -1 at the end. */
    int readByte() throws IOException {
        if (!buffer.hasRemaining() && !fill(1)) {
            return -1;
        }
        return buffer.get() & 0xff;
    }

    int readInt() throws IOException {
        require(Integer.BYTES);
        return buffer.getInt();
    }

    long readLong() throws IOException {
        require(Long.BYTES);
        return buffer.getLong();
    }

    /** A length, and as many bytes. */
    byte[] readBytes() throws IOException {
        return readBytes(readInt());
    }

    byte[] readBytes(int length) throws IOException {
        if (length < 0) {
            throw new IOException("the journal has a negative length");
        }
        require(length);
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }

    /** Writes all that is left. */
    void transferTo(OutputStream out) throws IOException {
        out.write(buffer.array(), buffer.position(), buffer.remaining());
        buffer.position(buffer.limit());
        in.transferTo(out);
    }

    private void require(int length) throws IOException {
        if (buffer.remaining() < length && !fill(length)) {
            throw new EOFException("the journal breaks off");
        }
    }

    /** Reads until so many bytes are there; false where the end comes before. */
    private boolean fill(int length) throws IOException {
        if (length > buffer.capacity()) {
            byte[] larger = Arrays.copyOfRange(buffer.array(), buffer.position(), buffer.position() + length);
            buffer = ByteBuffer.wrap(larger).limit(buffer.remaining());
        } else {
            buffer.compact().flip();
        }
        while (buffer.limit() < length) {
            int n = in.read(buffer.array(), buffer.limit(), buffer.capacity() - buffer.limit());
            if (n < 0) {
                return false;
            }
            buffer.limit(buffer.limit() + n);
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
