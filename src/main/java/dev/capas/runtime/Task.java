package dev.capas.runtime;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** A container that has processes, in containerd's word. Made by {@link ContainerRuntime}; ends with its {@link #exit()}. */
public interface Task {
    /** The container's init. */
    ProcessIdentity init();

    /** The conmon that holds its streams, its log and its exit code. */
    ProcessIdentity conmon();

    /** Lets init run. Fails in dockerd's words where the command cannot be executed. */
    void start() throws RuntimeFailure;

    /** Sends a signal to init; through the cgroup where it is paused or the signal is for all. */
    void kill(int signal) throws IOException;

    /** Freezes all its processes. */
    void pause() throws IOException;

    /** Lets them run again. */
    void resume() throws IOException;

    /** Completes once init has ended and conmon has written its exit code; never exceptionally. Dependents must not block. */
    CompletableFuture<Exit> exit();

    /** Removes the runtime's state and cgroups of a task that has ended, killing what is left of it. */
    void delete() throws IOException;

    /** Starts another process in the container. */
    ExecTask exec(ExecRequest request) throws RuntimeFailure;

    /** Writes new limits to the cgroup; the JSON is the {@code resources} object of the OCI runtime specification. */
    void update(String ociResources) throws IOException;

    /** Has conmon reopen its log after the file was renamed (rotation). */
    void reopenLog() throws IOException;
}
