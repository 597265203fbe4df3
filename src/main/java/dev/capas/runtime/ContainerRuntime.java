package dev.capas.runtime;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** How a created container becomes processes. Its one implementation today is conmon and an OCI runtime. */
public interface ContainerRuntime {
    /** The streams of a container that has no process yet. */
    StreamHub newHub(boolean terminal, boolean openStdin, boolean stdinOnce);

    /** The streams of an exec that has no process yet. */
    StreamHub newExecHub(boolean terminal);

    /** The compiled filter (base64) of a seccomp profile that was used before, for {@link Spec#withCompiledFilter}: it saves the runtime 15 ms. */
    Optional<String> compiledFilter(String seccompProfile);

    /** Says that a container or an exec may be started soon; what takes long and can be done beforehand begins. Returns at once. */
    void expectStart();

    /** Starts conmon and creates the container: its namespaces and its init exist then, and the command does not run yet. On failure nothing is left. */
    Task create(TaskRequest request) throws RuntimeFailure;

    /**
     * Takes over what an earlier run of the daemon started. Where it still runs the task is complete, with its streams connected
     * again; where it ended meanwhile, {@link Task#exit()} is complete. Empty where nothing is known of it (another boot, or it
     * was still being created: what was half there is removed).
     */
    Optional<Task> adopt(TaskRequest request, ProcessIdentity init, ProcessIdentity conmon);

    /** Removes every trace of containers that an earlier run of the daemon was creating when it ended: all that are not known here. */
    void sweep(Set<String> known) throws IOException;

    /** Whether there is an OCI runtime of this name, or of Docker's name for the default one. */
    boolean knows(String runtime);

    /** Why containers cannot be started here, in words for {@code Warnings} of {@code /info}; empty where they can. */
    Optional<String> unavailable();
}
