package dev.capas.daemon;

import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * Files of the embedded database that the file system has given room ahead of their end, so that the database can be written, and
 * containers be removed, when these have filled the disk: H2 closes itself when one write fails. To H2 it is a file system of its own
 * ({@code jdbc:h2:reserved:…}).
 */
public final class DatabaseFile extends FilePathWrapper {
    static final String SCHEME = "reserved";

    /** Of a database; H2 has files for large results beside it. */
    private static final String SUFFIX = ".mv.db";

    /** How much room is made at a time, and how much is left when more is made, in bytes. */
    private static final long AHEAD = 16 << 20;

    private static final long LEAST = 12 << 20;

    /** H2 makes one for every name. */
    public DatabaseFile() {}

    /** Makes the scheme known to H2. */
    static void register() {
        FilePath.register(new DatabaseFile());
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        FileChannel channel = super.open(mode);
        String path = getBase().toString();
        return mode.equals("r") || !path.endsWith(SUFFIX) ? channel : new Channel(channel, Path.of(path));
    }

    private static final class Channel extends FileBaseDefault {
        private static final System.Logger LOG = System.getLogger(DatabaseFile.class.getName());

        private final FileChannel base;
        /** Is closed after the channel: the kernel drops the lock of a process with the first descriptor of the file that it closes. */
        private final Fd fd;

        private long reserved;

        Channel(FileChannel base, Path path) throws IOException {
            this.base = base;
            this.fd = Fd.open(path, Fd.O_WRONLY, 0);
            reserve(base.size());
        }

        /** Sees to it that there is room behind this position. */
        private void reserve(long end) {
            if (end + LEAST <= reserved) {
                return;
            }
            try {
                fd.allocate(end, AHEAD);
                reserved = end + AHEAD;
            } catch (LinuxException e) {
                LOG.log(System.Logger.Level.DEBUG, "no room is kept for the database", e);
            }
        }

        @Override
        public long size() throws IOException {
            return base.size();
        }

        @Override
        public int read(ByteBuffer to, long position) throws IOException {
            return base.read(to, position);
        }

        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            reserve(position + from.remaining());
            return base.write(from, position);
        }

        /** Cuts off the room behind the new end too, which is made again at once. */
        @Override
        protected void implTruncate(long size) throws IOException {
            base.truncate(size);
            reserved = 0;
            reserve(base.size());
        }

        @Override
        public void force(boolean metadata) throws IOException {
            base.force(metadata);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return base.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            base.close();
            fd.close();
        }
    }
}
