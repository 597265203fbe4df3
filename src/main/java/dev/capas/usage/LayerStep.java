package dev.capas.usage;

import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A layer in its place in an image.
 *
 * @param position 0 at the bottom
 * @param createdBy the step of the history that made it; empty where the image does not say
 * @param size the apparent bytes that it is told of with
 */
public record LayerStep(Digest diffId, int position, String createdBy, long size) {
    /** Those of an image, bottom first, with no bytes yet. */
    static List<LayerStep> of(ImageConfig config) {
        List<String> steps = Objects.requireNonNullElse(config.history(), List.<ImageConfig.History>of()).stream()
                .filter(ImageConfig.History::hasLayer)
                .map(step -> Objects.requireNonNullElse(step.createdBy(), ""))
                .toList();
        List<LayerStep> layers = new ArrayList<>();
        for (Digest diffId : config.diffIds()) {
            int at = layers.size();
            layers.add(new LayerStep(diffId, at, at < steps.size() ? steps.get(at) : "", 0));
        }
        return layers;
    }

    LayerStep weighing(long bytes) {
        return new LayerStep(diffId, position, createdBy, bytes);
    }
}
