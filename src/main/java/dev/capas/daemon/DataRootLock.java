package dev.capas.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a data root to one process at a time. The kernel releases the lock when the process ends, however it ends. */
final class DataRootLock implements AutoCloseable {
    private final FileChannel channel;

    private DataRootLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Locks the data root for this process.
     *
     * @throws IllegalStateException if another process has it, naming that one
     */
    static DataRootLock take(Path dataRoot) throws IOException {
        FileChannel channel = FileChannel.open(
                dataRoot.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (channel.tryLock(Long.MAX_VALUE - 1, 1, false) == null) {
            ByteBuffer owner = ByteBuffer.allocate(64);
            channel.read(owner, 0);
            channel.close();
            String pid = new String(owner.array(), 0, owner.position(), StandardCharsets.US_ASCII).strip();
            throw new IllegalStateException(
                    "the data root " + dataRoot + " is in use by another capas daemon, process " + pid);
        }
        // in this order the file keeps its block, so that a full disk stops no start
        int length = channel.write(
                ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
        channel.truncate(length);
        return new DataRootLock(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
