package dev.capas.home;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * The room that is left where the engine keeps what it owns. Whatever grows by what a client sends stops before the disk is full: the
 * last of it is for the rows, directories and renames by which room is made again.
 *
 * @param directory a directory on the file system
 */
public record FreeSpace(Path directory) {
    /** How much stays free, in bytes. */
    static final long KEPT = 16 << 20;

    private static final int STEP = 1 << 20;

    /** Whether no more than what is kept is left. */
    public boolean isExhausted() {
        return directory.toFile().getUsableSpace() < KEPT;
    }

    /**
     * Checks that there is room.
     *
     * @param what would be written, for the message
     * @throws NoSpaceException if no more is left than is kept
     */
    public void require(Object what) throws NoSpaceException {
        if (isExhausted()) {
            throw new NoSpaceException(what);
        }
    }

    /** A stream whose content will be written to the disk: reading it fails once there is no room. */
    public InputStream metered(InputStream in, Object what) {
        Meter meter = meter(what);
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                meter.add(1);
                return super.read();
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                meter.add(length);
                return super.read(buffer, offset, length);
            }
        };
    }

    /** A meter for what is written in many pieces. */
    Meter meter(Object what) {
        return new Meter(what);
    }

    /** Looks whether there is room before the first piece, and again at every MiB. */
    final class Meter {
        private final Object what;
        private long left;

        private Meter(Object what) {
            this.what = what;
        }

        void add(long bytes) throws NoSpaceException {
            if (left <= 0) {
                require(what);
                left = STEP;
            }
            left -= bytes;
        }
    }
}
