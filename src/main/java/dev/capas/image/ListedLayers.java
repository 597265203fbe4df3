package dev.capas.image;

import dev.capas.oci.Digest;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which layers all images list, by numbers: there may be hundreds of thousands of places in stacks.
 *
 * @param stacks for each image the numbers of its distinct layers
 * @param sizes the bytes of the layer of each number
 */
record ListedLayers(Map<Digest, int[]> stacks, long[] sizes) {
    /**
     * What some of the images weigh, as if there were no others.
     *
     * @param total the bytes of all their layers, each once
     * @param shared for each that has any, the bytes of its distinct layers that another of them lists too
     */
    record Weights(long total, Map<Digest, Long> shared) {}

    /** What these images weigh. */
    Weights weigh(Predicate<Digest> images) {
        int[] users = new int[sizes.length];
        stacks.forEach((image, layers) -> {
            if (images.test(image)) {
                for (int layer : layers) {
                    users[layer]++;
                }
            }
        });
        long total = 0;
        for (int layer = 0; layer < users.length; layer++) {
            total += users[layer] > 0 ? sizes[layer] : 0;
        }
        Map<Digest, Long> shared = new HashMap<>();
        stacks.forEach((image, layers) -> {
            if (images.test(image)) {
                long bytes = 0;
                boolean any = false;
                for (int layer : layers) {
                    if (users[layer] > 1) {
                        any = true;
                        bytes += sizes[layer];
                    }
                }
                if (any) {
                    shared.put(image, bytes);
                }
            }
        });
        return new Weights(total, shared);
    }
}
