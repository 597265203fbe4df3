package dev.capas.container;

import dev.capas.runtime.StreamHub.Source;

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
}
