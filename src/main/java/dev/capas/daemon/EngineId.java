package dev.capas.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** The identity of an engine, which stays with its data root. */
final class EngineId {
    private EngineId() {}

    static String of(Path dataRoot) throws IOException {
        Path file = dataRoot.resolve("engine-id");
        if (!Files.exists(file)) {
            Path written = dataRoot.resolve("engine-id.new");
            Files.writeString(written, UUID.randomUUID().toString());
            Files.move(written, file);
        }
        return Files.readString(file).strip();
    }
}
