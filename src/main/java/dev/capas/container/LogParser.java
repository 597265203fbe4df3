package dev.capas.container;

import dev.capas.runtime.StreamHub.Source;
import java.io.IOException;

/**
 * Joins the records of conmon's k8s-file ({@code time stream P|F bytes}) to the entries that Docker has: each goes to the next
 * newline, which it includes, or to 16 KiB. conmon begins a record wherever one of its reads did, and marks it P where no
 * newline ended it. Works on bytes: a log of hundreds of thousands of lines makes no objects.
 */
final class LogParser {
    /** Bytes of an entry without its newline. */
    static final int ENTRY = 16 << 10;

    private static final int STREAM = LogTime.LENGTH + 1;
    private static final int TAG = STREAM + 7;
    private static final int DATA = TAG + 2;

    /** Takes entries. */
    interface Sink {
        /** One entry; the bytes are valid during the call only. False where no more are wanted. */
        boolean entry(Source source, LogTime time, byte[] bytes, int offset, int length) throws IOException;
    }

    /** What has come of a line of one stream that no newline has ended. */
    private static final class Line {
        final byte[] bytes = new byte[ENTRY + 1];
        int length;
        boolean cut;
        final LogTime time = new LogTime();
    }

    private final Line stdout = new Line();
    private final Line stderr = new Line();
    private final LogTime time = new LogTime();

    /**
     * Takes whole records; returns how many bytes were used, so that what is left of the last record can come again with more
     * behind it. Negative where the sink wants no more.
     */
    int parse(byte[] bytes, int offset, int length, Sink sink) throws IOException {
        int start = offset;
        int limit = offset + length;
        for (int i = offset; i < limit; i++) {
            if (bytes[i] == '\n') {
                if (!record(bytes, start, i, sink)) {
                    return -1;
                }
                start = i + 1;
            }
        }
        return start - offset;
    }

    private boolean record(byte[] bytes, int start, int end, Sink sink) throws IOException {
        if (end - start < DATA || !time.read(bytes, start)) {
            return true; // a record that a crash cut short
        }
        boolean isError = bytes[start + STREAM + 3] == 'e';
        Source source = isError ? Source.STDERR : Source.STDOUT;
        Line line = isError ? stderr : stdout;
        boolean full = bytes[start + TAG] == 'F';
        int data = start + DATA;
        if (full && line.length == 0 && !line.cut && end - data < ENTRY) {
            return sink.entry(source, time, bytes, data, end - data + 1);
        }
        return append(line, source, bytes, data, end - data, sink) && (!full || end(line, source, true, sink));
    }

    private boolean append(Line line, Source source, byte[] bytes, int offset, int length, Sink sink)
            throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            int n = Math.min(left, ENTRY - line.length);
            System.arraycopy(bytes, from, line.bytes, line.length, n);
            line.length += n;
            from += n;
            left -= n;
            if (line.length == ENTRY) {
                if (!line.cut) {
                    line.time.copyFrom(time);
                    line.cut = true;
                }
                line.length = 0;
                if (!sink.entry(source, line.time, line.bytes, 0, ENTRY)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean end(Line line, Source source, boolean newline, Sink sink) throws IOException {
        if (!line.cut) {
            line.time.copyFrom(time);
        }
        line.cut = false;
        int length = line.length;
        line.length = 0;
        if (newline) {
            line.bytes[length++] = '\n';
        }
        return sink.entry(source, line.time, line.bytes, 0, length);
    }

    /** Gives what has no newline and never will have one, because its process has ended. */
    void end(Sink sink) throws IOException {
        if (stdout.length > 0 && !end(stdout, Source.STDOUT, false, sink)) {
            return;
        }
        if (stderr.length > 0) {
            end(stderr, Source.STDERR, false, sink);
        }
    }
}
