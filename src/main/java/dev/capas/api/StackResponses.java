package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.filter.ByteSize;
import dev.capas.layer.Layer;
import dev.capas.oci.Digest;
import dev.capas.usage.StackStep;
import dev.capas.usage.WrittenFiles;
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
     * @param written only of the topmost step of a container, which is what it has written itself
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
            long wasted,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Written written) {}

    /**
     * What a container has written over its image.
     *
     * @param copiedUp files that its image has too: changed, or copied for a change that may be undone again
     * @param added files that its image does not have
     * @param largestFiles the largest first
     * @param whiteouts what it hides of its image by marks: paths that are gone, and directories of whose contents nothing is seen
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "WrittenFiles")
    record Written(
            Sum copiedUp,
            Sum added,
            List<LayerResponses.LargeFile> largestFiles,
            List<LayerResponses.Whiteout> whiteouts) {}

    /**
     * Some files.
     *
     * @param files how many
     * @param size apparent bytes
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "FilesSum")
    record Sum(long files, long size) {}

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
        WrittenFiles written = step.written();
        return new Step(
                step.position(),
                layer == null ? null : layer.diffId(),
                step.createdBy(),
                step.created(),
                layer == null && written == null,
                layer != null ? layer.size() : written != null ? written.size() : 0,
                layer == null ? 0 : layer.diskUsage(),
                step.total(),
                step.shared(),
                LayerResponses.users(step.sharedWith()),
                overlaps(step.hides()),
                overlaps(step.hiddenBy()),
                step.wasted(),
                written == null ? null : written(written));
    }

    private static Written written(WrittenFiles written) {
        return new Written(
                sum(written.copiedUp()),
                sum(written.added()),
                LayerResponses.largestFiles(written.contents()),
                LayerResponses.whiteouts(written.contents()));
    }

    private static Sum sum(WrittenFiles.Sum sum) {
        return new Sum(sum.files(), sum.size());
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
            WrittenFiles written = step.written();
            table.row(
                    written != null
                            ? "read-write"
                            : layer == null ? "" : layer.diffId().shortHex(),
                    written != null
                            ? ByteSize.format(written.size())
                            : layer == null ? "" : ByteSize.format(layer.size()),
                    ByteSize.format(step.total()),
                    step.wasted() == 0 ? "" : ByteSize.format(step.wasted()),
                    LayerResponses.names(step.sharedWith(), step.shared()),
                    written != null ? summary(written) : LayerResponses.command(step.createdBy()));
        }
        return table;
    }

    private static String summary(WrittenFiles written) {
        return "copied up " + text(written.copiedUp()) + ", added " + text(written.added()) + ", hides "
                + written.contents().whiteouts().size();
    }

    private static String text(WrittenFiles.Sum sum) {
        return sum.files() + " (" + ByteSize.format(sum.size()) + ")";
    }
}
