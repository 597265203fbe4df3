package dev.capas.home;

import java.nio.file.Path;

/**
 * The two directories that an engine owns.
 *
 * @param dataRoot what outlives a reboot: layers, containers, volumes, the database ({@code --data-root})
 * @param execRoot what does not: sockets, pid files, runtime state ({@code --exec-root})
 */
public record EngineHome(Path dataRoot, Path execRoot) {
    /** The room that is left on the data root. */
    public FreeSpace freeSpace() {
        return new FreeSpace(dataRoot);
    }
}
