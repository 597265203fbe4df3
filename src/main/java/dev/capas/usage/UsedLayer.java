package dev.capas.usage;

import dev.capas.layer.Layer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer with those who use it.
 *
 * @param lastUsed when a container of an image that lists it, or one that stands on it, was last made, started or ended; null for never
 * @param refCount how many images and containers refer to it, each once
 * @param users those, images first; in lists the first few
 */
public record UsedLayer(Layer layer, @Nullable Instant lastUsed, int refCount, List<LayerUser> users) {}
