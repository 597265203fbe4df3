package dev.capas.daemon;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where things lie by default: in the system's directories for root, else in the user's own (XDG base directory specification).
 *
 * @param dockerSocket where tools look for an engine, and mount it from; null for a user who could not make it
 */
record Place(Path socket, @Nullable Path dockerSocket, Path dataRoot, Path execRoot, Path configFile) {
    /** For the user who runs this process. */
    static Place here() {
        if ("root".equals(System.getProperty("user.name"))) {
            return new Place(
                    Path.of("/var/run/capas.sock"),
                    Path.of("/var/run/docker.sock"),
                    Path.of("/var/lib/capas"),
                    Path.of("/run/capas"),
                    Path.of("/etc/capas/daemon.json"));
        }
        Path home = Path.of(System.getProperty("user.home"));
        Path data = directory(System.getenv("XDG_DATA_HOME"), home.resolve(".local/share"));
        Path runtime = directory(System.getenv("XDG_RUNTIME_DIR"), data.resolve("capas/run"));
        Path configuration = directory(System.getenv("XDG_CONFIG_HOME"), home.resolve(".config"));
        return new Place(
                runtime.resolve("capas.sock"),
                null,
                data.resolve("capas"),
                runtime.resolve("capas"),
                configuration.resolve("capas/daemon.json"));
    }

    private static Path directory(@Nullable String variable, Path otherwise) {
        return variable == null || variable.isEmpty() ? otherwise : Path.of(variable);
    }
}
