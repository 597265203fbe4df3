package dev.capas.errdefs;

import org.jspecify.annotations.Nullable;

/**
 * A failure that a client is told of, in the words that Docker has for it. The kinds are those of Moby's {@code errdefs};
 * the {@code api} package alone knows which HTTP status each one is.
 */
public final class EngineException extends RuntimeException {
    /** What went wrong, as far as a client can act on it. */
    public enum Kind {
        INVALID_PARAMETER,
        UNAUTHORIZED,
        FORBIDDEN,
        NOT_FOUND,
        CONFLICT,
        NOT_MODIFIED,
        SYSTEM,
        NOT_IMPLEMENTED,
        UNAVAILABLE
    }

    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** A failure with an underlying cause, which is logged and never shown to the client. */
    public EngineException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** The request cannot be right (400). */
    public static EngineException invalidParameter(String message) {
        return new EngineException(Kind.INVALID_PARAMETER, message, null);
    }

    /** A registry or a policy refuses these credentials (401). */
    public static EngineException unauthorized(String message) {
        return new EngineException(Kind.UNAUTHORIZED, message, null);
    }

    /** Never allowed, whoever asks (403). */
    public static EngineException forbidden(String message) {
        return new EngineException(Kind.FORBIDDEN, message, null);
    }

    /** What the request names does not exist (404). */
    public static EngineException notFound(String message) {
        return new EngineException(Kind.NOT_FOUND, message, null);
    }

    /** The state of what the request names does not allow it now (409). */
    public static EngineException conflict(String message) {
        return new EngineException(Kind.CONFLICT, message, null);
    }

    /** The request would change nothing (304). */
    public static EngineException notModified(String message) {
        return new EngineException(Kind.NOT_MODIFIED, message, null);
    }

    /** The engine or the system below it failed (500). */
    public static EngineException system(String message, @Nullable Throwable cause) {
        return new EngineException(Kind.SYSTEM, message, cause);
    }

    /** Not offered by this engine (501). */
    public static EngineException notImplemented(String message) {
        return new EngineException(Kind.NOT_IMPLEMENTED, message, null);
    }

    /** Not possible at this moment or in this place, for example outside a swarm or without privilege (503). */
    public static EngineException unavailable(String message) {
        return new EngineException(Kind.UNAVAILABLE, message, null);
    }

    /** The kind of the failure. */
    public Kind kind() {
        return kind;
    }

    /** The words that the client is told. */
    @Override
    public String getMessage() {
        return java.util.Objects.requireNonNull(super.getMessage());
    }
}
