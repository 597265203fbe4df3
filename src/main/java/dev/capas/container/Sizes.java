package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.LayerStore;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** What containers weigh. */
@Component
class Sizes {
    private static final Logger log = LoggerFactory.getLogger(Sizes.class);

    private final LayerStore layers;
    /** What the layers below containers weigh, by the images that these were made from. */
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
        weigh(List.of(container));
        return known(container);
    }

    /**
     * The sizes of many by their IDs, by one statement at most: what stopped is known already, what runs is walked; one that goes meanwhile
     * is left out.
     */
    Map<String, Size> of(List<Container> containers) {
        weigh(containers);
        Map<String, Size> sizes = new ConcurrentHashMap<>();
        containers.parallelStream().forEach(container -> {
            try {
                sizes.put(container.id(), known(container));
            } catch (IOException | EngineException e) {
                log.debug("Container {} cannot be measured", container.id(), e);
            }
        });
        return sizes;
    }

    private Size known(Container container) throws IOException {
        long readWrite = container.readWriteLayer().size();
        return new Size(readWrite, stacks.getOrDefault(container.imageId(), 0L) + readWrite);
    }

    /** Sees to it that the stacks of these are weighed. */
    private void weigh(List<Container> containers) {
        Map<Digest, List<Digest>> missing = new HashMap<>();
        for (Container container : containers) {
            if (!stacks.containsKey(container.imageId())) {
                missing.put(container.imageId(), container.readWriteLayer().stack());
            }
        }
        if (!missing.isEmpty()) {
            Map<Digest, Long> sizes =
                    layers.sizes(missing.values().stream().flatMap(List::stream).collect(Collectors.toSet()));
            missing.forEach((image, stack) -> stacks.put(
                    image,
                    stack.stream()
                            .mapToLong(layer -> sizes.getOrDefault(layer, 0L))
                            .sum()));
        }
    }
}
