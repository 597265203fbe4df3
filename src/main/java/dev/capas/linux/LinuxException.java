package dev.capas.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A system call that failed. The message is {@code call path: words of the errno}. */
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;
    private final String call;
    private final @Nullable String path;

    /** A failed call on a path, or on none. */
    public LinuxException(String call, int errno, @Nullable String path) {
        super(call + (path == null ? "" : " " + path) + ": " + Errno.message(errno));
        this.errno = errno;
        this.call = call;
        this.path = path;
    }

    LinuxException(String call, int errno, byte[] name) {
        this(call, errno, new String(name, StandardCharsets.UTF_8));
    }

    /** One of the constants of {@link Errno}. */
    public int errno() {
        return errno;
    }

    /** The name of the system call. */
    public String call() {
        return call;
    }

    /** What it was called on, as far as it was one path. */
    public @Nullable String path() {
        return path;
    }

    /** The words for the error number alone. */
    public String reason() {
        return Errno.message(errno);
    }
}
