package dev.capas.layer;

import dev.capas.oci.Digest;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Which layers are looked for, and in which order they come.
 *
 * @param among these alone; null for all
 * @param largerThan in apparent bytes, -1 for all
 * @param withoutContainer those that no container stands on or shows
 * @param order what they are sorted by; what is equal there, by DiffID in the same direction
 * @param after the layer that they come behind, where it would stand now; null for the first
 * @param limit how many at most
 */
public record LayerSearch(
        @Nullable Collection<Digest> among,
        long largerThan,
        boolean withoutContainer,
        LayerOrder order,
        boolean descending,
        @Nullable Place after,
        int limit) {
    /**
     * A place in a sorted list of layers.
     *
     * @param value as {@link LayerOrder#value} has it
     */
    public record Place(Object value, Digest diffId) {}
}
