package dev.capas.runtime;

/** A start that failed, in dockerd's words, with the exit code that dockerd records for it (126, 127, 128). */
public final class RuntimeFailure extends Exception {
    private static final long serialVersionUID = 1L;
    private final int exitCode;

    /** The message is the whole chain that dockerd shows, "failed to create task for container: …". */
    public RuntimeFailure(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** What {@code State.ExitCode} becomes. */
    public int exitCode() {
        return exitCode;
    }
}
