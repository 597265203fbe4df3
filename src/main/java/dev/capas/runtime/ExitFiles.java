package dev.capas.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;

/** The directory to which conmon writes {@code <id>} with the exit code of an init that ended; watched, not polled. */
final class ExitFiles implements AutoCloseable {
    private final Path directory;
    private final WatchService watch;
    private final Map<String, IntConsumer> awaited = new ConcurrentHashMap<>();

    ExitFiles(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.watch = directory.getFileSystem().newWatchService();
        directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
        Thread.ofPlatform().daemon().name("exit files").start(this::run);
    }

    Path directory() {
        return directory;
    }

    /** Calls the action once with the exit code, on a thread of its own; at once where the file is there already. */
    void await(String id, IntConsumer action) {
        awaited.put(id, action);
        deliver(id);
    }

    /** The exit code that is there. */
    OptionalInt read(String id) {
        try {
            return OptionalInt.of(
                    Integer.parseInt(Files.readString(directory.resolve(id)).strip()));
        } catch (IOException | NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    /** When the exit code was written; empty where there is none. */
    Optional<Instant> writtenAt(String id) {
        try {
            return Optional.of(Files.getLastModifiedTime(directory.resolve(id)).toInstant());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Forgets a container and removes its file. */
    void remove(String id) throws IOException {
        awaited.remove(id);
        Files.deleteIfExists(directory.resolve(id));
    }

    @Override
    public void close() throws IOException {
        watch.close();
    }

    private void deliver(String id) {
        OptionalInt code = read(id);
        if (code.isPresent()) {
            IntConsumer action = awaited.remove(id);
            if (action != null) {
                Thread.ofVirtual().start(() -> action.accept(code.getAsInt()));
            }
        }
    }

    private void run() {
        try {
            while (true) {
                WatchKey key = watch.take();
                for (WatchEvent<?> event : key.pollEvents()) {
                    if (event.kind() == StandardWatchEventKinds.OVERFLOW) {
                        awaited.keySet().forEach(this::deliver);
                    } else {
                        deliver(String.valueOf(event.context()));
                    }
                }
                key.reset();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.nio.file.ClosedWatchServiceException e) {
            awaited.clear();
        }
    }
}
