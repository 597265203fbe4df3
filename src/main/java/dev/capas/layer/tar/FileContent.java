package dev.capas.layer.tar;

import dev.capas.linux.Fd;
import dev.capas.linux.WriteBuffer;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Brings payloads from the archive to the disk, through one buffer, and digests them on the way. */
final class FileContent implements AutoCloseable {
    private static final int BUFFER = 1 << 17;

    private final TarReader reader;
    private final byte[] buffer = new byte[BUFFER];
    private final WriteBuffer copy = new WriteBuffer(BUFFER);
    private final MessageDigest digest = Digest.sha256();

    FileContent(TarReader reader) {
        this.reader = reader;
    }

    /** Writes the payload to the file, and returns its SHA-256. */
    byte[] write(Fd file) throws IOException {
        for (int n = reader.read(buffer, 0, BUFFER); n >= 0; n = reader.read(buffer, 0, BUFFER)) {
            digest.update(buffer, 0, n);
            put(file, n);
        }
        return digest.digest();
    }

    /** Reads what is left of the payload, for nothing. */
    void skip() throws IOException {
        while (reader.read(buffer, 0, BUFFER) >= 0) {
            continue;
        }
    }

    /** Writes the payload to a file of its own. */
    void save(Path saved) throws IOException {
        try (Fd file = Fd.open(saved, Fd.O_CREAT | Fd.O_WRONLY | Fd.O_TRUNC, 0600)) {
            write(file);
        }
    }

    /** Writes the payload to a file of its own, and the file that it describes to the other; returns the SHA-256 of what is not sparse. */
    byte @Nullable [] writeAndSave(Fd file, @Nullable SparseMap sparse, long size, Path saved) throws IOException {
        save(saved);
        try (Fd payload = Fd.open(saved, Fd.O_RDONLY, 0)) {
            if (sparse == null) {
                MessageDigest whole = Digest.sha256();
                copy(payload, file, Long.MAX_VALUE, whole);
                return whole.digest();
            }
            for (SparseMap.Piece piece : sparse.pieces()) {
                file.seek(piece.offset());
                copy(payload, file, piece.length(), digest);
            }
            digest.reset();
            file.truncate(size);
            return null;
        }
    }

    @Override
    public void close() {
        copy.close();
    }

    private void copy(Fd from, Fd to, long length, MessageDigest into) throws IOException {
        for (long left = length; left > 0; ) {
            int n = from.read(buffer, 0, (int) Math.min(BUFFER, left));
            if (n < 0) {
                return;
            }
            into.update(buffer, 0, n);
            put(to, n);
            left -= n;
        }
    }

    private void put(Fd file, int length) throws IOException {
        copy.write(file, buffer, length);
    }
}
