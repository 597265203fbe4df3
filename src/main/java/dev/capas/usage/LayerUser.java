package dev.capas.usage;

import dev.capas.oci.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who refers to a layer. */
public sealed interface LayerUser {
    /** Where the layer lies in the stack, 0 at the bottom; where it lies several times, the lowest. Null for a layer that is only shown. */
    @Nullable
    Integer position();

    /**
     * An image that lists it.
     *
     * @param names its tags, or its digests where it has none, in their short form, sorted
     * @param createdBy the command that made the layer in this image; empty where the history does not tell
     */
    record OfImage(Digest id, List<String> names, Integer position, String createdBy) implements LayerUser {}

    /** A container that stands on it, or shows it at a mount point ({@code --mount type=image}). */
    record OfContainer(String id, String name, @Nullable Integer position) implements LayerUser {}
}
