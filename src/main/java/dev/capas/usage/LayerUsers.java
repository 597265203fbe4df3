package dev.capas.usage;

import dev.capas.container.Container;
import dev.capas.container.Containers;
import dev.capas.container.MountPoint;
import dev.capas.image.ImageStacks;
import dev.capas.image.Images;
import dev.capas.layer.Layer;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Who uses layers, of the images and containers that there are: two statements for any number of layers, and two for what users are called. */
@Component
class LayerUsers {
    private final ImageStacks stacks;
    private final Images images;
    private final Containers containers;
    private final LastUse lastUse;

    LayerUsers(ImageStacks stacks, Images images, Containers containers, LastUse lastUse) {
        this.stacks = stacks;
        this.images = images;
        this.containers = containers;
        this.lastUse = lastUse;
    }

    /**
     * Counts who uses these layers.
     *
     * @param most how many users of a layer are remembered and not only counted
     * @return one for each layer, in their order
     */
    List<LayerTally> count(List<Layer> layers, int most) {
        Map<ByteBuffer, LayerTally> tallies = new LinkedHashMap<>();
        layers.forEach(layer -> tallies.put(ByteBuffer.wrap(layer.diffId().bytes()), new LayerTally(layer, most)));
        List<Container> all = containers.all();
        Map<Digest, List<Container>> byImage =
                all.stream().collect(Collectors.groupingBy(Container::imageId, HashMap::new, Collectors.toList()));
        Map<Digest, Instant> used = lastUse.ofImages(all);
        stacks.forEach((image, stack) -> {
            List<Container> its = byImage.remove(image);
            Instant last = used.get(image);
            forEach(stack, tallies, (tally, position) -> {
                tally.add(image, position, last);
                tally.add(its == null ? List.of() : its, position);
            });
        });
        // an image may go before its containers
        for (List<Container> left : byImage.values()) {
            byte[] stack = ImageStacks.bytes(left.getFirst().readWriteLayer().stack());
            forEach(stack, tallies, (tally, position) -> tally.add(left, position));
        }
        all.forEach(container -> countShown(container, tallies));
        return List.copyOf(tallies.values());
    }

    /** Gives each layer of a stack that is counted once, at its lowest place. */
    private static void forEach(
            byte[] stack, Map<ByteBuffer, LayerTally> tallies, ObjIntConsumer<LayerTally> consumer) {
        Set<LayerTally> done = HashSet.newHashSet(4);
        for (int at = 0; at < stack.length; at += ImageStacks.DIFF_ID) {
            LayerTally tally = tallies.get(ByteBuffer.wrap(stack, at, ImageStacks.DIFF_ID));
            if (tally != null && done.add(tally)) {
                consumer.accept(tally, at / ImageStacks.DIFF_ID);
            }
        }
    }

    /** The layers of images that are mounted in a container, where it does not stand on them anyway. */
    private static void countShown(Container container, Map<ByteBuffer, LayerTally> tallies) {
        Set<Digest> shown = container.mounts().stream()
                .map(MountPoint::layers)
                .flatMap(layers -> layers == null ? Stream.of() : layers.stream())
                .collect(Collectors.toSet());
        if (shown.isEmpty()) {
            return;
        }
        container.readWriteLayer().stack().forEach(shown::remove);
        for (Digest layer : shown) {
            LayerTally tally = tallies.get(ByteBuffer.wrap(layer.bytes()));
            if (tally != null) {
                tally.add(List.of(container), null);
            }
        }
    }

    /** Says what the users are called that are remembered, and how they made the layers. */
    List<UsedLayer> describe(Collection<LayerTally> tallies) {
        Set<Digest> named = new HashSet<>();
        tallies.forEach(tally -> tally.images().forEach(user -> named.add(user.image())));
        Map<Digest, List<Reference>> names = images.references(named);
        Map<Digest, List<String>> steps = stacks.steps(named);
        return tallies.stream().map(tally -> tally.describe(names, steps)).toList();
    }
}
