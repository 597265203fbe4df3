package dev.capas.container;

import dev.capas.layer.Layer;
import dev.capas.layer.LayerStore;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** What containers weigh. */
@Component
class Sizes {
    private final LayerStore layers;
    private final Map<Digest, Long> stacks = new ConcurrentHashMap<>();

    Sizes(LayerStore layers) {
        this.layers = layers;
    }

    /**
     * The sizes of a container.
     *
     * @param readWrite the bytes that it has written
     * @param rootFs those and the bytes of its layers
     */
    record Size(long readWrite, long rootFs) {}

    /** The sizes as they are now; a stopped container is not walked again. */
    Size of(Container container) throws IOException {
        long readWrite = container.readWriteLayer().size();
        long below = stacks.computeIfAbsent(
                container.imageId(), image -> size(container.readWriteLayer().stack()));
        return new Size(readWrite, below + readWrite);
    }

    private long size(List<Digest> stack) {
        Map<Digest, Long> sizes =
                layers.findAll(new HashSet<>(stack)).stream().collect(Collectors.toMap(Layer::diffId, Layer::size));
        return stack.stream().mapToLong(layer -> sizes.getOrDefault(layer, 0L)).sum();
    }
}
