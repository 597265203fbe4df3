package dev.capas.api;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * An answer of which only what {@link Redaction} leaves is sent: at its end, or line by line. Whatever is no JSON is not sent,
 * unless it tells of a failure.
 */
final class RedactedResponse extends HttpServletResponseWrapper {
    private final boolean lines;
    private final Kept kept = new Kept();
    private final PrintWriter writer = new PrintWriter(kept, false, StandardCharsets.UTF_8);

    RedactedResponse(HttpServletResponse response, boolean lines) {
        super(response);
        this.lines = lines;
    }

    @Override
    public ServletOutputStream getOutputStream() {
        return kept;
    }

    @Override
    public PrintWriter getWriter() {
        return writer;
    }

    /** The length would be that of the whole. */
    @Override
    public void setContentLength(int length) {}

    @Override
    public void setContentLengthLong(long length) {}

    @Override
    public void setHeader(String name, @Nullable String value) {
        if (!name.equalsIgnoreCase("Content-Length")) {
            super.setHeader(name, value);
        }
    }

    @Override
    public void addHeader(String name, @Nullable String value) {
        if (!name.equalsIgnoreCase("Content-Length")) {
            super.addHeader(name, value);
        }
    }

    @Override
    public void flushBuffer() throws IOException {
        if (lines) {
            kept.sendLines();
            super.flushBuffer();
        }
    }

    @Override
    public void resetBuffer() {
        super.resetBuffer();
        kept.bytes.reset();
    }

    @Override
    public void reset() {
        super.reset();
        kept.bytes.reset();
    }

    /** Sends what has not been sent yet. */
    void finish() throws IOException {
        writer.flush();
        kept.send(kept.bytes.buffer(), kept.bytes.size());
    }

    /** What is waiting to be sent. */
    private final class Kept extends ServletOutputStream {
        private final Bytes bytes = new Bytes();

        @Override
        public void write(int b) {
            bytes.write(b);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            bytes.write(from, offset, length);
        }

        @Override
        public void flush() throws IOException {
            flushBuffer();
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new UnsupportedOperationException();
        }

        private void sendLines() throws IOException {
            int end = bytes.size();
            while (end > 0 && bytes.buffer()[end - 1] != '\n') {
                end--;
            }
            byte[] rest = Arrays.copyOfRange(bytes.buffer(), end, bytes.size());
            send(bytes.buffer(), end);
            bytes.reset();
            bytes.write(rest, 0, rest.length);
        }

        private void send(byte[] json, int length) throws IOException {
            if (length == 0) {
                return;
            }
            OutputStream out = RedactedResponse.this.getResponse().getOutputStream();
            try {
                Redaction.copy(json, length, out);
            } catch (JacksonException e) {
                if (getStatus() >= SC_BAD_REQUEST) {
                    out.write(json, 0, length);
                    return;
                }
                throw new IOException("an answer that is no JSON cannot be sent to those who may only read", e);
            }
        }
    }

    private static final class Bytes extends ByteArrayOutputStream {
        byte[] buffer() {
            return buf;
        }
    }
}
