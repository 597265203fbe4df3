package dev.capas.runtime;

import org.jspecify.annotations.Nullable;

/**
 * The standard streams of one process, shared by all who attach to it. It exists from the creation of the container on: it
 * buffers standard input and its end until there is a process, and it always reads the output, whoever listens. A hub is
 * used again when the container starts again.
 */
public interface StreamHub {
    /** Which stream a chunk came from; the number is the first byte of a multiplexed frame. */
    enum Source {
        STDIN,
        STDOUT,
        STDERR
    }

    /** Some bytes of one stream, as they were read. */
    record Chunk(Source source, byte[] bytes) {}

    /** A listener's own bounded queue of chunks. */
    interface Subscription extends AutoCloseable {
        /** The next chunk; waits for it. Null once the process has ended and all was delivered, or once this was closed or cut. */
        @Nullable
        Chunk next() throws InterruptedException;

        /** Whether chunks were dropped because the listener did not read. */
        boolean cut();

        @Override
        void close();
    }

    /** Tells that there was output, without keeping it. */
    interface Bell extends AutoCloseable {
        /** Waits until there was output since the last time; false once the process has ended, or once this was closed. */
        boolean await() throws InterruptedException;

        @Override
        void close();
    }

    /** The way to the standard input of one run, for any number of writers. Once that run is over, it takes everything and drops it. */
    interface Input extends AutoCloseable {
        /** Gives bytes; waits (on the caller's thread) where the process does not read. */
        void write(byte[] bytes, int offset, int length) throws java.io.IOException;

        /** Ends standard input, where this is what the end of a client's input does ({@code StdinOnce} and no terminal). */
        @Override
        void close();
    }

    /** Listens from now on; before a start it waits for the next one. */
    Subscription subscribe(boolean stdout, boolean stderr);

    /** Hears of output from now on; before a start it waits for the next one. */
    Bell bell();

    /** The standard input of the run that there is now, or else of the next one. */
    Input input();

    /** Resizes the terminal now, or as soon as there is one. */
    void resize(int rows, int columns) throws java.io.IOException;

    /** Ends all subscriptions, when the container is removed or its start failed. */
    void close();
}
