package dev.capas.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;

/** The file that tells other programs the daemon's process number, as long as it runs. */
record PidFile(Path path) implements AutoCloseable {
    /** How far the kernel's start time of a process may be off. */
    private static final long CLOCK_TICKS_SECONDS = 1;

    /**
     * Writes the number of this process.
     *
     * @throws IllegalStateException if the process whose number is there still runs, in dockerd's words
     */
    static PidFile write(Path path) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        long holder = holder(path);
        if (holder > 0) {
            throw new IllegalStateException("ensure that the engine is not running or delete " + path
                    + ": process with PID " + holder + " is still running");
        }
        Files.writeString(path, Long.toString(ProcessHandle.current().pid()));
        return new PidFile(path);
    }

    /** The process that wrote the file and still runs, or 0. One that began later only got the number of a dead one. */
    private static long holder(Path path) throws IOException {
        try {
            long pid = Long.parseLong(Files.readString(path).strip());
            Instant written = Files.getLastModifiedTime(path).toInstant();
            return ProcessHandle.of(pid)
                    .filter(process -> pid != ProcessHandle.current().pid() && process.isAlive())
                    .filter(process -> process.info()
                            .startInstant()
                            .map(start -> start.isBefore(written.plusSeconds(CLOCK_TICKS_SECONDS)))
                            .orElse(true))
                    .map(ProcessHandle::pid)
                    .orElse(0L);
        } catch (NoSuchFileException | NumberFormatException e) {
            return 0;
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
