package dev.capas.container;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Reads one log for one client, from its first wanted entry on. */
final class LogReader implements AutoCloseable {
    private static final int BUFFER = 256 << 10;

    private final LogFiles files;
    private final LogWriter writer;
    private final byte[] bytes = new byte[BUFFER];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes);
    private LogParser parser = new LogParser();

    LogReader(Path log, LogWriter writer) throws IOException {
        this.files = new LogFiles(log);
        this.writer = writer;
    }

    /**
     * Leaves out all but the last entries. Looks at ever longer pieces of the end of the log until one has enough, so that
     * a short tail of a long log takes no time.
     */
    void tail(long entries) throws IOException {
        long size = files.size();
        long window = entries == 0 ? 0 : BUFFER;
        while (entries > 0 && window < size) {
            long found = count(size - window, size);
            if (found >= entries + 2) { // the first line of either stream may have begun before
                begin(size - window, found - entries);
                return;
            }
            window *= 8;
        }
        begin(size - Math.min(window, size), entries == 0 ? 0 : Math.max(0, count(0, size) - entries));
    }

    private void begin(long position, long skip) throws IOException {
        files.seek(position);
        buffer.clear();
        parser = new LogParser();
        writer.skip(skip);
    }

    private long count(long from, long to) throws IOException {
        begin(from, 0);
        long[] entries = {0};
        long left = to - from;
        while (left > 0) {
            buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + left));
            int read = files.read(buffer);
            if (read < 0) {
                break;
            }
            left -= read;
            parse((source, time, data, offset, length) -> {
                entries[0]++;
                return true;
            });
        }
        parser.end((source, time, data, offset, length) -> {
            entries[0]++;
            return true;
        });
        return entries[0];
    }

    /** Writes all that the log has by now; false once the client wants no more. */
    boolean read() throws IOException {
        buffer.limit(buffer.capacity());
        while (files.read(buffer) >= 0) {
            if (!parse(writer)) {
                return false;
            }
        }
        return true;
    }

    /** Writes also what no newline has ended. */
    void end() throws IOException {
        parser.end(writer);
    }

    private boolean parse(LogParser.Sink sink) throws IOException {
        int used = parser.parse(bytes, 0, buffer.position(), sink);
        if (used < 0) {
            return false;
        }
        int end = buffer.position();
        buffer.limit(end).position(used);
        buffer.compact();
        if (!buffer.hasRemaining()) {
            buffer.clear(); // no record of conmon's is so long: what a crash left behind
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
