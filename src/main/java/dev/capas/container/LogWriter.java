package dev.capas.container;

import dev.capas.runtime.StreamHub.Source;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Writes the entries that a client asked for, framed unless they come from a terminal, and many in one go. */
final class LogWriter implements LogParser.Sink {
    private final LogOptions options;
    private final boolean framed;
    private final byte @Nullable [] details;
    private final OutputStream target;
    private final byte[] buffer = new byte[128 << 10];
    private int used;
    private long skip;

    /** The details are written before each entry, followed by a space; null where they were not asked for. */
    LogWriter(LogOptions options, boolean framed, byte @Nullable [] details, OutputStream target) {
        this.options = options;
        this.framed = framed;
        this.details = details;
        this.target = target;
    }

    /** Leaves out the next entries, of whatever stream. */
    void skip(long entries) {
        skip = entries;
    }

    @Override
    public boolean entry(Source source, LogTime time, byte[] bytes, int offset, int length) throws IOException {
        if (skip > 0) {
            skip--;
            return true;
        }
        if (time.isAfter(options.until())) {
            return false;
        }
        if (time.isBefore(options.since()) || !(source == Source.STDERR ? options.stderr() : options.stdout())) {
            return true;
        }
        int prefix = details == null ? 0 : details.length + 1;
        if (buffer.length - used < StreamFrame.HEADER + LogTime.LENGTH + prefix + length) {
            drain();
        }
        int start = used;
        used += framed ? StreamFrame.HEADER : 0;
        int payload = used;
        if (options.timestamps()) {
            used = time.write(buffer, used);
            buffer[used++] = ' ';
        }
        if (details != null) {
            System.arraycopy(details, 0, buffer, used, details.length);
            used += details.length;
            buffer[used++] = ' ';
        }
        System.arraycopy(bytes, offset, buffer, used, length);
        used += length;
        if (framed) {
            StreamFrame.header(buffer, start, source, used - payload);
        }
        return true;
    }

    private void drain() throws IOException {
        target.write(buffer, 0, used);
        used = 0;
    }

    /** Sends what has been written so far. */
    void flush() throws IOException {
        if (used > 0) {
            drain();
        }
        target.flush();
    }
}
