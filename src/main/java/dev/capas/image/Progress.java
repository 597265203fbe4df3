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

    /** Tells how far one transfer is. */
    Meter meter(String id, String status, long total) {
        return new Meter(id, status, total);
    }

    /** The same stream, which tells how much of it was read. */
    InputStream of(InputStream in, String id, String status, long total) {
        return new Reader(in, meter(id, status, total));
    }

    /** How far one transfer is; used by one thread at a time. */
    final class Meter {
        private final String id;
        private final String status;
        private final long total;
        private long last;
        private long told = System.nanoTime();

        private Meter(String id, String status, long total) {
            this.id = id;
            this.status = status;
            this.total = total;
        }

        /** So many bytes are done; the last of them are told of in any case. */
        void at(long current) {
            long now = System.nanoTime();
            if (current != last && (current == total || now - told >= EVERY_NANOSECONDS)) {
                told = now;
                tell(JsonMessage.progress(id, status, current, total));
            }
            last = current;
        }
    }

    private static final class Reader extends FilterInputStream {
        private final Meter meter;
        private long count;

        Reader(InputStream in, Meter meter) {
            super(in);
            this.meter = meter;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            if (read > 0) {
                count += read;
                meter.at(count);
            }
            return read;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
