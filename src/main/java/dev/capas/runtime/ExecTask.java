package dev.capas.runtime;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** A further process in a container, running. */
public interface ExecTask {
    /** Its number in the daemon's pid namespace. */
    int pid();

    /** Completes with the exit code once it has ended (its streams may be held by a child for two seconds more). */
    CompletableFuture<Integer> exit();

    /** Sends a signal to the process, not to its children; does nothing where it has ended. */
    void kill(int signal) throws IOException;
}
