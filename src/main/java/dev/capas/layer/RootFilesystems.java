package dev.capas.layer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** How a stack of trees becomes a root filesystem. Its one implementation today is an overlay mount. */
interface RootFilesystems {
    /**
     * Shows the stack at the target.
     *
     * @param lowers the read-only trees, the topmost first, none twice
     * @param upper what is written goes there
     * @param work an empty directory on the same file system as upper
     */
    void mount(List<Path> lowers, Path upper, Path work, Path target) throws IOException;

    /** Shows a stack at the target for reading; at least two trees. */
    void mount(List<Path> lowers, Path target) throws IOException;

    /** Undoes it, also while something still uses it. */
    void unmount(Path target) throws IOException;

    /** Why this cannot be done here; empty where it can. */
    Optional<String> unavailable();
}
