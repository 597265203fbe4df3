package dev.capas.container;

import dev.capas.runtime.StreamHub;
import dev.capas.runtime.StreamHub.Chunk;
import dev.capas.runtime.StreamHub.Subscription;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
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

    /** Why a session ended. */
    enum End {
        OUTPUT_ENDED,
        DETACHED,
        CLIENT_LEFT
    }

    private final StreamHub.Input input;
    private final Subscription subscription;
    private final ClientConnection client;
    private final CompletableFuture<Void> left = new CompletableFuture<>();
    private final AtomicReference<End> end = new AtomicReference<>(End.OUTPUT_ENDED);

    /** The subscription is the session's from here on. */
    StreamSession(StreamHub hub, Subscription subscription, ClientConnection client) {
        this.input = hub.input();
        this.subscription = subscription;
        this.client = client;
        client.whenLeft(this::clientLeft);
    }

    private void clientLeft() {
        end(End.CLIENT_LEFT);
        left.complete(null);
    }

    private void end(End reason) {
        end.compareAndSet(End.OUTPUT_ENDED, reason);
        subscription.close();
    }

    /** Waits until something has ended, unless the client leaves before. */
    void await(CompletableFuture<?>... endings) {
        CompletableFuture.anyOf(CompletableFuture.anyOf(endings), left).join();
    }

    /**
     * Carries the client's input, on a thread of its own.
     *
     * @param keys what detaches, null where the process has no terminal
     */
    void pumpInput(@Nullable DetachKeys keys, InputEnd inputEnd) {
        Thread.ofVirtual().name("stdin").start(() -> {
            try {
                if (!copyInput(keys)) {
                    end(End.DETACHED);
                    return;
                }
            } catch (IOException e) {
                log.debug("Standard input ended", e);
            }
            if (inputEnd == InputEnd.CLOSES_STDIN) {
                input.close();
            } else {
                clientLeft();
            }
        });
    }

    private boolean copyInput(@Nullable DetachKeys keys) throws IOException {
        byte[] bytes = new byte[32 << 10];
        int read;
        while ((read = client.input().read(bytes)) >= 0) {
            if (keys == null) {
                input.write(bytes, 0, read);
                continue;
            }
            boolean goesOn = keys.accept(bytes, read);
            byte[] passed = keys.passed();
            input.write(passed, 0, passed.length);
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
     */
    End pumpOutput(boolean framed) throws InterruptedException {
        try (subscription) {
            Chunk chunk;
            while ((chunk = subscription.next()) != null) {
                StreamFrame.write(client.output(), framed, chunk.source(), chunk.bytes());
            }
            return end.get();
        } catch (IOException e) {
            log.debug("The client left", e);
            clientLeft();
            return End.CLIENT_LEFT;
        }
    }
}
