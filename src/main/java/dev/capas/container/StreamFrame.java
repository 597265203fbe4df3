package dev.capas.container;

import dev.capas.runtime.StreamHub.Source;
import java.io.IOException;
import java.io.OutputStream;

/** The header of Docker's multiplexed stream: the number of the stream, three zeroes, the length in network order. */
final class StreamFrame {
    static final int HEADER = 8;

    private StreamFrame() {}

    /** Writes the header of a frame whose payload has the given length. */
    static void header(byte[] target, int offset, Source source, int length) {
        target[offset] = (byte) source.ordinal();
        target[offset + 1] = 0;
        target[offset + 2] = 0;
        target[offset + 3] = 0;
        target[offset + 4] = (byte) (length >>> 24);
        target[offset + 5] = (byte) (length >>> 16);
        target[offset + 6] = (byte) (length >>> 8);
        target[offset + 7] = (byte) length;
    }

    /** Writes a payload in one go, with its header or as it is. */
    static void write(OutputStream target, boolean framed, Source source, byte[] payload) throws IOException {
        if (!framed) {
            target.write(payload);
            return;
        }
        byte[] frame = new byte[HEADER + payload.length];
        header(frame, 0, source, payload.length);
        System.arraycopy(payload, 0, frame, HEADER, payload.length);
        target.write(frame);
    }
}
