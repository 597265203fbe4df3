package dev.capas.container;

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
 * one, which loses nothing. It looks at the size as often as the log grows, so that fast writers exceed it by little.
 */
final class LogRotation {
    private static final Logger log = LoggerFactory.getLogger(LogRotation.class);
    private static final Duration LONGEST = Duration.ofSeconds(1);
    private static final Duration SHORTEST = Duration.ofMillis(10);

    private final Path path;
    private final LogDriver driver;
    private final Task task;

    LogRotation(Path path, LogDriver driver, Task task) {
        this.path = path;
        this.driver = driver;
        this.task = task;
    }

    /** Watches until the task ends, on a thread of its own; does nothing where nothing limits the log. */
    void start() {
        if (driver.kept() && driver.maxSize() > 0) {
            Thread.ofVirtual().name("log rotation").start(this::watch);
        }
    }

    private void watch() {
        long before = size();
        Duration pause = SHORTEST;
        try {
            while (!task.exit().isDone()) {
                Thread.sleep(pause);
                long size = size();
                if (size >= driver.maxSize()) {
                    rotate();
                    size = 0;
                }
                pause = pause(pause, size, size - before);
                before = size;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.error("The log {} cannot be rotated", path, e);
        }
    }

    /** Half the time that the log takes to fill at the speed of the last pause. */
    private Duration pause(Duration last, long size, long grown) {
        if (grown <= 0) {
            return last.multipliedBy(2).compareTo(LONGEST) > 0 ? LONGEST : last.multipliedBy(2);
        }
        double fill = (double) (driver.maxSize() - size) / grown / 2 * last.toMillis();
        return Duration.ofMillis((long) Math.clamp(fill, SHORTEST.toMillis(), LONGEST.toMillis()));
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
