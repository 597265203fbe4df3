package dev.capas.usage;

import dev.capas.container.Container;
import dev.capas.container.ContainerWeights;
import dev.capas.errdefs.EngineException;
import dev.capas.image.ImageDraft;
import dev.capas.image.ListedImage;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerHolder;
import dev.capas.layer.LayerHoldings;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import dev.capas.usage.ReclaimPlan.Kind;
import dev.capas.volume.Volume;
import dev.capas.volume.Volumes;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * All that could be deleted, as it was at one moment. What containers and volumes weigh is looked at when it is asked for, and once.
 *
 * @param images untouched
 * @param containers by ID
 * @param volumes by name
 * @param volumeUsers the containers of each volume that has any
 * @param imagesUsed when containers last used images, also containers that are gone
 */
record Inventory(
        LayerHoldings holdings,
        ImageDraft images,
        Map<String, Container> containers,
        Map<String, Volume> volumes,
        Map<String, Set<String>> volumeUsers,
        Map<Digest, Instant> imagesUsed,
        Scales scales) {
    /** What weighs containers and volumes. */
    static final class Scales {
        private final ContainerWeights containers;
        private final Volumes volumes;
        private final Map<String, ContainerWeights.Weight> ofContainers = new HashMap<>();
        private final Map<String, Volumes.Weight> ofVolumes = new HashMap<>();

        Scales(ContainerWeights containers, Volumes volumes) {
            this.containers = containers;
            this.volumes = volumes;
        }

        ContainerWeights.Weight weigh(Container container) {
            return ofContainers.computeIfAbsent(container.id(), id -> {
                try {
                    return containers.of(container);
                } catch (IOException e) {
                    throw cannot("container " + id, e);
                }
            });
        }

        Volumes.Weight weigh(Volume volume) {
            return ofVolumes.computeIfAbsent(volume.name(), name -> {
                try {
                    return volumes.weigh(volume);
                } catch (IOException e) {
                    throw cannot("volume " + name, e);
                }
            });
        }

        private static EngineException cannot(String what, IOException e) {
            return EngineException.system(what + " cannot be measured: " + e.getMessage(), e);
        }
    }

    ListedImage image(Digest id) {
        return images.find(id).orElseThrow();
    }

    /** What a user calls it. */
    List<String> names(Kind kind, String id) {
        return switch (kind) {
            case IMAGE ->
                images.names(new Digest(id)).stream().map(Reference::familiar).toList();
            case CONTAINER ->
                Optional.ofNullable(containers.get(id)).map(Container::name).stream()
                        .toList();
            case VOLUME -> List.of(id);
            case LAYER, LEASE -> List.of();
        };
    }

    /** What holds a layer, as a user knows it. */
    ReclaimPlan.Holder shown(LayerHolder holder) {
        Kind kind = Kind.valueOf(holder.kind().name());
        String id = kind == Kind.IMAGE ? new Digest(holder.id()).toString() : holder.id();
        return new ReclaimPlan.Holder(kind, id, names(kind, holder.id()));
    }

    /** When an image was made, last got a name, was used by a container, or brought a layer here: the latest of what is known. */
    Instant lastUsed(ListedImage image) {
        Stream<Instant> brought = holdings.held(ImageDraft.holder(image.id())).stream()
                .flatMap(layer -> Optional.ofNullable(holdings.layer(layer)).stream())
                .map(Layer::created);
        return Stream.of(Stream.ofNullable(image.lastTagged()), Stream.ofNullable(imagesUsed.get(image.id())), brought)
                .flatMap(Function.identity())
                .reduce(image.createdOrEpoch(), (one, other) -> one.isAfter(other) ? one : other);
    }

    /** When a container last ended, or was created. */
    static Instant lastUsed(Container container) {
        return Objects.requireNonNullElse(container.state().finishedAt(), container.created());
    }

    /** When a volume was made: nothing else is known. */
    static Instant lastUsed(Volume volume) {
        return volume.created();
    }
}
