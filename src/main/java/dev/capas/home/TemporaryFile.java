package dev.capas.home;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A file under the data root that has no name: it is gone with its last descriptor, however the process ends. */
public final class TemporaryFile implements Closeable {
    private final FileChannel channel;
    private final FreeSpace.Meter meter;

    private TemporaryFile(FileChannel channel, FreeSpace.Meter meter) {
        this.channel = channel;
        this.meter = meter;
    }

    /** Makes an empty one in {@code tmp/} of the data root. */
    public static TemporaryFile in(EngineHome home) throws IOException {
        Path directory = Files.createDirectories(home.dataRoot().resolve("tmp"));
        Path path = directory.resolve(UUID.randomUUID().toString());
        FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.delete(path);
        return new TemporaryFile(channel, home.freeSpace().meter(path));
    }

    /** The file itself; closing the channel closes it. */
    public FileChannel channel() {
        return channel;
    }

    /** Appends all that the stream gives. */
    public void append(InputStream in) throws IOException {
        in.transferTo(output());
    }

    /**
     * Appends bytes.
     *
     * @throws NoSpaceException if there is no room for them
     */
    public void append(byte[] bytes, int offset, int length) throws IOException {
        meter.add(length);
        ByteBuffer part = ByteBuffer.wrap(bytes, offset, length);
        while (part.hasRemaining()) {
            channel.write(part);
        }
    }

    /** A stream that appends; closing it does nothing. */
    public OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                append(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                append(bytes, offset, length);
            }
        };
    }

    /** The length in bytes. */
    public long size() throws IOException {
        return channel.size();
    }

    /** Reads a part of it, independently of every other reader. */
    public InputStream read(long offset, long length) {
        return new Part(channel, offset, length);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static final class Part extends InputStream {
        private final FileChannel channel;
        private final long end;
        private long at;

        Part(FileChannel channel, long offset, long length) {
            this.channel = channel;
            this.at = offset;
            this.end = offset + length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            int wanted = (int) Math.min(length, end - at);
            int count = wanted <= 0 ? -1 : channel.read(ByteBuffer.wrap(buffer, offset, wanted), at);
            if (count > 0) {
                at += count;
            }
            return count;
        }

        @Override
        public long skip(long length) throws IOException {
            long count = Math.clamp(length, 0, Math.max(0, Math.min(end, channel.size()) - at));
            at += count;
            return count;
        }

        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, end - at);
        }
    }
}
