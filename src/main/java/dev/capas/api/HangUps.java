package dev.capas.api;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** Tells when clients leave that are being told nothing, and so would not be missed. */
public interface HangUps {
    /** What counts as leaving. */
    enum Sign {
        /** The client has closed its direction: it will not send another request, and Go's HTTP server takes it for gone. */
        END_OF_INPUT,
        /** The client has closed both directions. TCP does not tell this before something is written. */
        CLOSED
    }

    /** Ends the watch; after it has returned, nobody is told any more. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Watches a connection.
     *
     * @param left called once, on a thread that must not wait
     */
    Watch watch(SocketChannel connection, Sign sign, Runnable left) throws IOException;
}
