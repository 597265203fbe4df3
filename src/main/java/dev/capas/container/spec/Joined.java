package dev.capas.container.spec;

import org.jspecify.annotations.Nullable;

/** The containers whose namespaces are joined ({@code container:<name>}); null where none is. */
public record Joined(
        @Nullable Neighbour network,
        @Nullable Neighbour pid,
        @Nullable Neighbour ipc) {
    /** None at all. */
    public static final Joined NONE = new Joined(null, null, null);
}
