package dev.capas.layer;

/**
 * One line of {@code docker diff}.
 *
 * @param path the absolute path within the container, raw bytes as the kernel has them, read as UTF-8 where they are
 * @param kind what happened to it
 */
public record Change(String path, Kind kind) {
    /** The order is the number that the Engine API gives each kind: 0, 1, 2. */
    public enum Kind {
        MODIFIED,
        ADDED,
        DELETED
    }
}
