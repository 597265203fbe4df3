package dev.capas.usage;

import dev.capas.container.Container;
import dev.capas.layer.Layer;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts who uses one layer. */
final class LayerTally {
    private final Layer layer;
    private final int most;
    private final List<InImage> images = new ArrayList<>(1);
    private final List<InContainer> containers = new ArrayList<>(0);
    private int refCount;
    private @Nullable Instant lastUsed;

    /** An image that lists the layer, and where. */
    record InImage(Digest image, int position) {}

    private record InContainer(
            Container container, @Nullable Integer position) {}

    LayerTally(Layer layer, int most) {
        this.layer = layer;
        this.most = most;
    }

    Layer layer() {
        return layer;
    }

    /** How many images and containers were added. */
    int refCount() {
        return refCount;
    }

    /** The latest that was added; null where none was. */
    @Nullable
    Instant lastUsed() {
        return lastUsed;
    }

    /** The images that are remembered. */
    List<InImage> images() {
        return images;
    }

    void add(Digest image, int position, @Nullable Instant used) {
        refCount++;
        use(used);
        if (images.size() < most) {
            images.add(new InImage(image, position));
        }
    }

    void add(List<Container> some, @Nullable Integer position) {
        refCount += some.size();
        for (Container container : some) {
            use(container.lastUsed());
            if (containers.size() < most) {
                containers.add(new InContainer(container, position));
            }
        }
    }

    private void use(@Nullable Instant at) {
        if (at != null && (lastUsed == null || at.isAfter(lastUsed))) {
            lastUsed = at;
        }
    }

    /** With the names and the steps of the images that are remembered; of images that went meanwhile there are none. */
    UsedLayer describe(Map<Digest, List<Reference>> names, Map<Digest, List<String>> steps) {
        List<LayerUser> users = new ArrayList<>();
        for (InImage user : images) {
            List<String> its = steps.getOrDefault(user.image(), List.of());
            users.add(new LayerUser.OfImage(
                    user.image(),
                    names(names.getOrDefault(user.image(), List.of())),
                    user.position(),
                    user.position() < its.size() ? its.get(user.position()) : ""));
        }
        for (InContainer user : containers) {
            users.add(new LayerUser.OfContainer(
                    user.container().id(), user.container().name(), user.position()));
        }
        return new UsedLayer(layer, lastUsed, refCount, users.size() > most ? users.subList(0, most) : users);
    }

    /** The tags; digests where there are none. */
    private static List<String> names(List<Reference> references) {
        List<String> tags = references.stream()
                .filter(reference -> reference.tag() != null)
                .map(Reference::familiar)
                .toList();
        return tags.isEmpty() ? references.stream().map(Reference::familiar).toList() : tags;
    }
}
