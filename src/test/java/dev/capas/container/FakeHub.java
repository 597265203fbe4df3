package dev.capas.container;

import dev.capas.runtime.StreamHub;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A hub without a process: a test plays the process. */
final class FakeHub implements StreamHub {
    private static final Chunk END = new Chunk(Source.STDIN, new byte[0]);

    final CountDownLatch stdinClosed = new CountDownLatch(1);
    private final ByteArrayOutputStream stdin = new ByteArrayOutputStream();
    private final List<FakeSubscription> subscriptions = new CopyOnWriteArrayList<>();

    void output(Source source, byte[] bytes) {
        subscriptions.stream()
                .filter(it -> source == Source.STDOUT ? it.stdout : it.stderr)
                .forEach(it -> it.chunks.add(new Chunk(source, bytes)));
    }

    synchronized String typed() {
        return stdin.toString(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    @Override
    public Subscription subscribe(boolean stdout, boolean stderr) {
        FakeSubscription subscription = new FakeSubscription(stdout, stderr);
        subscriptions.add(subscription);
        return subscription;
    }

    @Override
    public Bell bell() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Input input() {
        return new Input() {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                synchronized (FakeHub.this) {
                    stdin.write(bytes, offset, length);
                }
            }

            @Override
            public void close() {
                stdinClosed.countDown();
            }
        };
    }

    @Override
    public void resize(int rows, int columns) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        subscriptions.forEach(FakeSubscription::close);
    }

    private static final class FakeSubscription implements Subscription {
        private final boolean stdout;
        private final boolean stderr;
        private final BlockingQueue<Chunk> chunks = new LinkedBlockingQueue<>();

        FakeSubscription(boolean stdout, boolean stderr) {
            this.stdout = stdout;
            this.stderr = stderr;
        }

        @Override
        public @Nullable Chunk next() throws InterruptedException {
            Chunk chunk = chunks.take();
            if (chunk == END) {
                chunks.add(END);
                return null;
            }
            return chunk;
        }

        @Override
        public boolean cut() {
            return false;
        }

        @Override
        public void close() {
            chunks.add(END);
        }
    }
}
