package dev.capas.runtime;

import dev.capas.home.EngineHome;
import dev.capas.home.TemporaryFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One listener's queue. A listener that is slower than the process gets a mebibyte in memory, then an unlinked file; one that has a
 * gibibyte waiting there does not read, and is cut. Putting never waits.
 */
final class ChunkQueue implements StreamHub.Subscription, Listener {
    private static final int IN_MEMORY = 1 << 20;
    private static final long IN_FILE = 1L << 30;
    private static final int HEADER = 5;

    private final boolean stdout;
    private final boolean stderr;
    private final EngineHome home;
    private final Consumer<Listener> unsubscribe;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<StreamHub.Chunk> memory = new ArrayDeque<>();
    private int held;
    private @Nullable TemporaryFile spill;
    private long written;
    private long read;
    private boolean ended;
    private boolean cut;

    ChunkQueue(boolean stdout, boolean stderr, EngineHome home, Consumer<Listener> unsubscribe) {
        this.stdout = stdout;
        this.stderr = stderr;
        this.home = home;
        this.unsubscribe = unsubscribe;
    }

    @Override
    public boolean put(StreamHub.Chunk chunk) {
        if (chunk.source() == StreamHub.Source.STDOUT ? !stdout : !stderr) {
            return true;
        }
        lock.lock();
        try {
            if (ended) {
                return false;
            }
            if (read == written && held < IN_MEMORY) {
                memory.add(chunk);
                held += chunk.bytes().length;
            } else if (written - read < IN_FILE) {
                toFile(chunk);
            } else {
                drop();
            }
            changed.signal();
            return !ended;
        } catch (IOException e) {
            drop();
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public StreamHub.@Nullable Chunk next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                StreamHub.Chunk chunk = memory.poll();
                if (chunk != null) {
                    held -= chunk.bytes().length;
                    return chunk;
                }
                if (read < written) {
                    return fromFile();
                }
                if (ended) {
                    forgetFile();
                    return null;
                }
                changed.await();
            }
        } catch (IOException e) {
            drop();
            return null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean cut() {
        lock.lock();
        try {
            return cut;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        unsubscribe.accept(this);
        lock.lock();
        try {
            ended = true;
            memory.clear();
            held = 0;
            forgetFile();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void drop() {
        cut = true;
        ended = true;
        memory.clear();
        forgetFile();
        changed.signalAll();
    }

    private void toFile(StreamHub.Chunk chunk) throws IOException {
        TemporaryFile file = spill;
        if (file == null) {
            file = TemporaryFile.in(home);
            spill = file;
        }
        byte[] framed = ByteBuffer.allocate(HEADER + chunk.bytes().length)
                .put((byte) chunk.source().ordinal())
                .putInt(chunk.bytes().length)
                .put(chunk.bytes())
                .array();
        file.append(framed, 0, framed.length);
        written += framed.length;
    }

    private StreamHub.Chunk fromFile() throws IOException {
        byte[] header = exactly(HEADER);
        byte[] bytes = exactly(ByteBuffer.wrap(header).getInt(1));
        if (read == written) {
            forgetFile();
        }
        return new StreamHub.Chunk(StreamHub.Source.values()[header[0]], bytes);
    }

    private byte[] exactly(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            int n = Objects.requireNonNull(spill).channel().read(bytes, read);
            if (n < 0) {
                throw new IOException("spill file is short");
            }
            read += n;
        }
        return bytes.array();
    }

    private void forgetFile() {
        if (spill != null) {
            try {
                spill.close();
            } catch (IOException e) {
                System.getLogger(ChunkQueue.class.getName()).log(System.Logger.Level.DEBUG, "gone all the same", e);
            }
            spill = null;
        }
        read = 0;
        written = 0;
    }
}
