package dev.capas.usage;

import dev.capas.layer.Layer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of those that made a stack.
 *
 * @param position of its layer in the stack, 0 at the bottom; null where the step made none
 * @param layer null where the step made none, and of what a container has written
 * @param written of the topmost step of a container, which is what it has written itself; else null
 * @param createdBy the command; empty where the history does not tell
 * @param created when, null where the history does not tell
 * @param total the bytes of the stack up to here
 * @param shared how many others have the layer
 * @param sharedWith the first of those
 * @param hides what it hides of the layers below, the most bytes first
 * @param hiddenBy which layers above hide something of it, the most bytes first
 */
public record StackStep(
        @Nullable Integer position,
        @Nullable Layer layer,
        @Nullable WrittenFiles written,
        String createdBy,
        @Nullable Instant created,
        long total,
        int shared,
        List<LayerUser> sharedWith,
        List<Overlap> hides,
        List<Overlap> hiddenBy) {
    /**
     * Files of one layer that another one hides: nobody sees them, and they take up room all the same.
     *
     * @param layer the other one: its DiffID, or {@code container} for what a container has written
     * @param files how many
     * @param size apparent bytes
     */
    public record Overlap(String layer, long files, long size) {}

    /** The bytes of the layer that nobody sees. */
    public long wasted() {
        return hiddenBy.stream().mapToLong(Overlap::size).sum();
    }
}
