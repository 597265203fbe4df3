package dev.capas.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** Tells clients how far transfers are, ten times a second for each at most, one line at a time. */
final class Progress {
    private static final long EVERY_NANOSECONDS = 100_000_000L;

    private final Consumer<JsonMessage> out;

    Progress(Consumer<JsonMessage> out) {
        this.out = out;
    }

    synchronized void tell(JsonMessage message) {
        out.accept(message);
    }

    /** The same stream, which tells how much of it was read. */
    InputStream of(InputStream in, String id, String status, long total) {
        return new Reader(in, id, status, total);
    }

    private final class Reader extends FilterInputStream {
        private final String id;
        private final String status;
        private final long total;
        private long current;
        private long told = System.nanoTime();
        private boolean ended;

        Reader(InputStream in, String id, String status, long total) {
            super(in);
            this.id = id;
            this.status = status;
            this.total = total;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = super.read(buffer, offset, length);
            long now = System.nanoTime();
            if (count > 0) {
                current += count;
            }
            boolean ends = count < 0 || current == total;
            if (ends ? !ended : now - told >= EVERY_NANOSECONDS) {
                told = now;
                ended = ends;
                tell(JsonMessage.progress(id, status, current, total));
            }
            return count;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
