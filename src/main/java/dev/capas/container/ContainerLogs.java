package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.runtime.StreamHub.Bell;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.springframework.stereotype.Service;

/** Reads what containers wrote. */
@Service
public class ContainerLogs {
    /** Refuses a container whose output is not kept (501). */
    public void checkReadable(Container container) {
        path(container);
    }

    /** The bytes of the log that is kept, with what was rotated. */
    public long size(Container container) {
        Path path = container.logPath();
        return path == null ? 0 : LogFiles.size(path);
    }

    private static Path path(Container container) {
        Path path = container.logPath();
        if (path == null) {
            throw EngineException.notImplemented("configured logging driver does not support reading");
        }
        return path;
    }

    /**
     * Writes the wanted part of the log; with {@code follow} until the container stops or is removed. What follows is read from
     * the log too: the stream hub only tells when there is more, and a client that lags behind loses nothing and holds nobody up.
     *
     * @param framed whether each entry has a header that tells its stream
     * @throws IOException if the client is gone or the log cannot be read
     */
    public void write(Container container, LogOptions options, boolean framed, OutputStream target)
            throws IOException, InterruptedException {
        Path path = path(container);
        LogWriter writer = new LogWriter(options, framed, options.details() ? LogDetails.of(container) : null, target);
        try (Bell bell = options.follow() ? container.hub().bell() : null;
                LogReader reader = new LogReader(path, writer)) {
            boolean running = running(container);
            if (options.tail() >= 0) {
                reader.tail(options.tail());
            }
            boolean goesOn = reader.read();
            while (goesOn && bell != null && running) {
                writer.flush();
                running = bell.await();
                goesOn = reader.read();
            }
            if (goesOn && !running) {
                reader.end();
            }
            writer.flush();
        }
    }

    /** Asked once there is a bell: one made after the end would wait for the next start. */
    private static boolean running(Container container) {
        Optional<Task> task = container.task();
        return task.isPresent() && !task.get().exit().isDone();
    }
}
