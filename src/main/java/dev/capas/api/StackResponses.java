package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.filter.ByteSize;
import dev.capas.layer.Layer;
import dev.capas.oci.Digest;
import dev.capas.usage.StackStep;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** Stacks of layers as the answers of the API show them. */
final class StackResponses {
    private StackResponses() {}

    /**
     * A step of those that made a stack.
     *
     * @param position of its layer, 0 at the bottom; null where the step made none
     * @param diffId of its layer; null where the step made none
     * @param createdBy the command
     * @param created when the step was done, null where the history does not tell
     * @param emptyLayer whether the step made no layer
     * @param size apparent bytes of its layer
     * @param diskUsage allocated bytes of its layer
     * @param totalSize bytes of the stack up to here
     * @param shared how many other images and containers have the layer
     * @param sharedWith the first ten of those
     * @param hides what the layer hides of those below
     * @param hiddenBy what layers above hide of it
     * @param wasted its bytes that nobody sees: the sum of what others hide
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "StackStep")
    record Step(
            @Nullable Integer position,
            @JsonProperty("DiffID") @Nullable Digest diffId,
            String createdBy,
            @Nullable Instant created,
            boolean emptyLayer,
            long size,
            long diskUsage,
            long totalSize,
            int shared,
            List<LayerResponses.User> sharedWith,
            List<Overlap> hides,
            List<Overlap> hiddenBy,
            long wasted) {}

    /**
     * Files of one layer that another hides.
     *
     * @param layer the DiffID of the other, or {@code container}
     * @param files how many
     * @param size apparent bytes
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "LayerOverlap")
    record Overlap(String layer, long files, long size) {}

    static Step step(StackStep step) {
        Layer layer = step.layer();
        return new Step(
                step.position(),
                layer == null ? null : layer.diffId(),
                step.createdBy(),
                step.created(),
                layer == null,
                layer == null ? 0 : layer.size(),
                layer == null ? 0 : layer.diskUsage(),
                step.total(),
                step.shared(),
                LayerResponses.users(step.sharedWith()),
                overlaps(step.hides()),
                overlaps(step.hiddenBy()),
                step.wasted());
    }

    private static List<Overlap> overlaps(List<StackStep.Overlap> overlaps) {
        return overlaps.stream()
                .map(overlap -> new Overlap(overlap.layer(), overlap.files(), overlap.size()))
                .toList();
    }

    /** The stack as people read it, bottom first. */
    static TextTable table(List<StackStep> steps) {
        TextTable table = new TextTable("DIFF ID", "SIZE", "TOTAL", "WASTED", "SHARED WITH", "CREATED BY");
        for (StackStep step : steps) {
            Layer layer = step.layer();
            table.row(
                    layer == null ? "" : layer.diffId().shortHex(),
                    layer == null ? "" : ByteSize.format(layer.size()),
                    ByteSize.format(step.total()),
                    step.wasted() == 0 ? "" : ByteSize.format(step.wasted()),
                    LayerResponses.names(step.sharedWith(), step.shared()),
                    LayerResponses.command(step.createdBy()));
        }
        return table;
    }
}
