package dev.capas.registry;

import dev.capas.home.EngineHome;
import dev.capas.home.NoSpaceException;
import dev.capas.home.TemporaryFile;
import dev.capas.oci.BlobDigest;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.security.MessageDigest;

/** Gets a blob into a nameless file: goes on where a broken connection stopped, tries again, and checks the digest. */
public final class BlobDownload {
    private static final int ATTEMPTS = 5;
    private static final int BUFFER = 1 << 17;
    private static final long MAX_PAUSE_SECONDS = 20;

    private final Repository repository;
    private final EngineHome home;

    /** Is told how it goes. */
    public interface Listener {
        /** So many bytes are here. */
        void downloaded(long bytes);

        /** The connection broke; it is tried again after a pause. */
        void retrying(long seconds);

        /** All bytes are here. */
        void verifying();
    }

    public BlobDownload(Repository repository, EngineHome home) {
        this.repository = repository;
        this.home = home;
    }

    /**
     * Downloads the blob; the caller closes the file.
     *
     * @param size in bytes, as the manifest has it
     * @throws IOException if the registry has it not, gives up for good, or gives something else
     */
    public TemporaryFile download(BlobDigest digest, long size, Listener listener) throws IOException {
        TemporaryFile file = TemporaryFile.in(home);
        try {
            Progress progress = new Progress(file, digest);
            long furthest = 0;
            for (int attempt = 1; ; attempt++) {
                try {
                    transfer(digest, size, progress, listener);
                    break;
                } catch (IOException e) {
                    attempt = progress.at > furthest ? 1 : attempt;
                    furthest = Math.max(furthest, progress.at);
                    if (attempt == ATTEMPTS || !mayRecover(e)) {
                        throw e;
                    }
                    pause(attempt, listener);
                }
            }
            listener.verifying();
            if (!digest.equalsResultOf(progress.computation)) {
                throw new IOException("filesystem layer verification failed for digest " + digest);
            }
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static boolean mayRecover(IOException e) {
        boolean refused = e instanceof RegistryFailure failure && !failure.isTransient();
        return !refused
                && !(e instanceof WrongSize || e instanceof NoSpaceException)
                && !Thread.currentThread().isInterrupted();
    }

    private static void pause(int attempt, Listener listener) throws IOException {
        if (attempt == 1) {
            return;
        }
        long seconds = Math.min(MAX_PAUSE_SECONDS, 1L << (attempt - 2));
        listener.retrying(seconds);
        try {
            Thread.sleep(1000 * seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void transfer(BlobDigest digest, long size, Progress progress, Listener listener) throws IOException {
        HttpResponse<InputStream> answer = repository.open(digest, progress.at);
        try (InputStream in = answer.body()) {
            if (answer.statusCode() != 206 && progress.at > 0) {
                progress.restart();
            }
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (progress.at + count > size) {
                    throw new WrongSize(
                            "blob " + digest + " has more than the " + size + " bytes that its manifest says");
                }
                progress.append(buffer, count);
                listener.downloaded(progress.at);
            }
        }
        if (progress.at < size) {
            throw new IOException("unexpected EOF");
        }
    }

    /** A blob that lies about its length; trying again would not change that. */
    private static final class WrongSize extends IOException {
        private static final long serialVersionUID = 1L;

        WrongSize(String message) {
            super(message);
        }
    }

    private static final class Progress {
        private final TemporaryFile file;
        private final MessageDigest computation;
        private long at;

        Progress(TemporaryFile file, BlobDigest expected) {
            this.file = file;
            this.computation = expected.computation();
        }

        void append(byte[] bytes, int count) throws IOException {
            file.append(bytes, 0, count);
            computation.update(bytes, 0, count);
            at += count;
        }

        /** The registry gives the whole once more. */
        void restart() throws IOException {
            file.channel().truncate(0);
            computation.reset();
            at = 0;
        }
    }
}
