package dev.capas.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that tells other programs the daemon's process number, as long as it runs. */
record PidFile(Path path) implements AutoCloseable {
    static PidFile write(Path path) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        Files.writeString(path, Long.toString(ProcessHandle.current().pid()));
        return new PidFile(path);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
