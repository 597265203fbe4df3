package dev.capas.container;

import dev.capas.runtime.StreamHub;
import dev.capas.runtime.StreamHub.Bell;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log of a running container within its {@code max-size} and {@code max-file}: renames it and has conmon open a new
 * one, which loses nothing. It looks at the size when there is output, so that what the log exceeds it by is written within
 * milliseconds.
 */
final class LogRotation {
    private static final Logger log = LoggerFactory.getLogger(LogRotation.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(10);

    private final Path path;
    private final LogDriver driver;
    private final Task task;
    private final StreamHub hub;

    LogRotation(Path path, LogDriver driver, Task task, StreamHub hub) {
        this.path = path;
        this.driver = driver;
        this.task = task;
        this.hub = hub;
    }

    /** Watches until the task ends, on a thread of its own; does nothing where nothing limits the log. */
    void start() {
        if (driver.kept() && driver.maxSize() > 0) {
            Thread.ofVirtual().name("log rotation").start(this::watch);
        }
    }

    private void watch() {
        try (Bell output = hub.bell()) {
            while (!task.exit().isDone()) {
                if (size() >= driver.maxSize()) {
                    rotate();
                }
                Thread.sleep(BETWEEN_LOOKS);
                if (!output.await()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.error("The log {} cannot be rotated", path, e);
        }
    }

    private long size() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Makes each file one older and drops the oldest. */
    void rotate() throws IOException {
        for (int age = driver.maxFiles() - 1; age > 1; age--) {
            rename(LogFiles.rotated(path, age - 1), LogFiles.rotated(path, age));
        }
        Path previous = LogFiles.rotated(path, 1);
        rename(path, previous);
        task.reopenLog();
        if (driver.maxFiles() == 1) {
            Files.deleteIfExists(previous);
        }
    }

    private static void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            log.debug("{} is not there to be rotated", from);
        }
    }
}
