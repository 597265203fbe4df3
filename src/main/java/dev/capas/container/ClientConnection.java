package dev.capas.container;

import java.io.InputStream;
import java.io.OutputStream;

/** The two directions of a client that attached to a process, whatever carries them (a hijacked HTTP connection, a websocket). */
public interface ClientConnection {
    /** What the client types; at its end the client has closed its direction and may still listen. */
    InputStream input();

    /** What the client is shown. A write waits for as long as the client does not read, and reaches it without a flush. */
    OutputStream output();

    /** Has this run once the client has left altogether, where that shows before anything is written to it. For one caller; not after {@link #close}. */
    void whenLeft(Runnable left);

    /** Ends both directions; a read that waits in another thread ends as at the end of input. */
    void close();
}
