package dev.capas.runtime;

import java.util.Optional;

/** How a created container becomes processes. Its one implementation today is conmon and an OCI runtime. */
public interface ContainerRuntime {
    /** The streams of a container that has no process yet. */
    StreamHub newHub(boolean terminal, boolean openStdin, boolean stdinOnce);

    /** Starts conmon and creates the container: its namespaces and its init exist then, and the command does not run yet. On failure nothing is left. */
    Task create(TaskRequest request) throws RuntimeFailure;

    /**
     * Takes over what an earlier run of the daemon started. Where it still runs the task is complete, with its streams connected
     * again; where it ended meanwhile, {@link Task#exit()} is complete. Empty where nothing is known of it (another boot, or it
     * was still being created: what was half there is removed).
     */
    Optional<Task> adopt(TaskRequest request, ProcessIdentity init, ProcessIdentity conmon);

    /** Why containers cannot be started here, in words for {@code Warnings} of {@code /info}; empty where they can. */
    Optional<String> unavailable();
}
