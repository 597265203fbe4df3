package dev.capas.container;

import dev.capas.runtime.StreamHub;
import dev.capas.runtime.StreamHub.Chunk;
import dev.capas.runtime.StreamHub.Subscription;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Joins one client to the streams of one process, until the process ends, the client leaves or types its detach keys. */
final class StreamSession {
    private static final Logger log = LoggerFactory.getLogger(StreamSession.class);

    /** What the end of the client's input does. */
    enum InputEnd {
        /** The process's standard input ends; output goes on. */
        CLOSES_STDIN,
        /** The client is let go; others may still write. */
        ENDS_SESSION
    }

    private final StreamHub hub;
    private final Subscription subscription;
    private final ClientConnection client;
    private volatile boolean detached;

    /** The subscription is the session's from here on. */
    StreamSession(StreamHub hub, Subscription subscription, ClientConnection client) {
        this.hub = hub;
        this.subscription = subscription;
        this.client = client;
    }

    /**
     * Carries the client's input, on a thread of its own.
     *
     * @param keys what detaches, null where the process has no terminal
     */
    void pumpInput(@Nullable DetachKeys keys, InputEnd end) {
        Thread.ofVirtual().name("stdin").start(() -> {
            try {
                if (!copyInput(keys)) {
                    detached = true;
                    subscription.close();
                    return;
                }
            } catch (IOException e) {
                log.debug("Standard input ended", e);
            }
            if (end == InputEnd.CLOSES_STDIN) {
                hub.closeStdin();
            } else {
                subscription.close();
            }
        });
    }

    private boolean copyInput(@Nullable DetachKeys keys) throws IOException {
        byte[] bytes = new byte[32 << 10];
        int read;
        while ((read = client.input().read(bytes)) >= 0) {
            if (keys == null) {
                hub.write(bytes, 0, read);
                continue;
            }
            boolean goesOn = keys.accept(bytes, read);
            byte[] passed = keys.passed();
            hub.write(passed, 0, passed.length);
            if (!goesOn) {
                return false;
            }
        }
        return true;
    }

    /**
     * Carries the output on the calling thread until there is no more.
     *
     * @param framed whether each chunk has a header that tells its stream
     * @return whether the client detached
     */
    boolean pumpOutput(boolean framed) throws InterruptedException {
        try (subscription) {
            OutputStream output = client.output();
            byte[] frame = new byte[StreamFrame.HEADER + (32 << 10)];
            Chunk chunk;
            while ((chunk = subscription.next()) != null) {
                byte[] bytes = chunk.bytes();
                if (!framed) {
                    output.write(bytes);
                    continue;
                }
                if (frame.length < StreamFrame.HEADER + bytes.length) {
                    frame = new byte[StreamFrame.HEADER + bytes.length];
                }
                StreamFrame.header(frame, 0, chunk.source(), bytes.length);
                System.arraycopy(bytes, 0, frame, StreamFrame.HEADER, bytes.length);
                output.write(frame, 0, StreamFrame.HEADER + bytes.length);
            }
        } catch (IOException e) {
            log.debug("The client left", e);
        }
        return detached;
    }
}
