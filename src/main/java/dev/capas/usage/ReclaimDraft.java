package dev.capas.usage;

import dev.capas.container.Container;
import dev.capas.container.ContainerWeights;
import dev.capas.container.Lifecycle;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Deletes targets one after the other from a draft of all there is, and adds up what that frees. Not safe for use by several threads. */
final class ReclaimDraft {
    private final Inventory inventory;
    private final LayerHoldings before;
    private final LayerHoldings holdings;
    private final ImageDraft images;

    private final Set<String> containersGone = new LinkedHashSet<>();
    private final Set<String> volumesGone = new LinkedHashSet<>();
    private final Map<Digest, Layer> layersGone = new LinkedHashMap<>();
    private final List<LayerHolder> holdersGone = new ArrayList<>();
    private final Map<String, ReclaimPlan.Item> items = new LinkedHashMap<>();
    private final List<ReclaimPlan.Kept> refused = new ArrayList<>();
    private final List<Target> done = new ArrayList<>();
    private long size;
    private long diskUsage;

    ReclaimDraft(Inventory inventory) {
        this.inventory = inventory;
        this.before = inventory.holdings();
        this.holdings = before.copy();
        this.images = inventory.images().copy(holdings);
    }

    /** What is left of the images. */
    ImageDraft images() {
        return images;
    }

    /** What went, in its order. */
    List<Target> done() {
        return done;
    }

    /** The layers that went. */
    Map<Digest, Layer> layersGone() {
        return layersGone;
    }

    /** The apparent bytes that went. */
    long size() {
        return size;
    }

    /** The containers of a volume that are left. */
    Set<String> usersOf(String volume) {
        Set<String> users = new LinkedHashSet<>(inventory.volumeUsers().getOrDefault(volume, Set.of()));
        users.removeAll(containersGone);
        return users;
    }

    /** Bytes, apparent and allocated. */
    private record Weight(long size, long diskUsage) {
        static final Weight NONE = new Weight(0, 0);

        Weight plus(Collection<Layer> layers) {
            return new Weight(
                    size + layers.stream().mapToLong(Layer::size).sum(),
                    diskUsage + layers.stream().mapToLong(Layer::diskUsage).sum());
        }
    }

    /** Deletes what it can; what is refused stays, with its reason. Images are tried again as long as others go, for children must go first. */
    void delete(Collection<Target> targets) {
        List<Target> left = new ArrayList<>(targets);
        Map<Target, EngineException> refusals = new HashMap<>();
        boolean progress = true;
        while (progress && !left.isEmpty()) {
            progress = false;
            for (Target target : List.copyOf(left)) {
                try {
                    delete(target);
                    left.remove(target);
                    progress = true;
                } catch (EngineException e) {
                    refusals.put(target, e);
                }
            }
        }
        for (Target target : left) {
            refused.add(new ReclaimPlan.Kept(
                    target.kind(),
                    shownId(target),
                    inventory.names(target.kind(), target.id()),
                    null,
                    refusals.get(target).getMessage(),
                    List.of()));
        }
    }

    /**
     * Deletes it.
     *
     * @return what holds no layers any more
     * @throws EngineException if it is refused; nothing is changed then
     */
    List<LayerHolder> delete(Target target) {
        int before = holdersGone.size();
        switch (target.kind()) {
            case CONTAINER -> deleteContainer(target);
            case VOLUME -> deleteVolume(target);
            case IMAGE -> deleteImage(target);
            case LAYER, LEASE -> throw new IllegalArgumentException(target.toString());
        }
        return List.copyOf(holdersGone.subList(before, holdersGone.size()));
    }

    /** The layers that it held before anything went. */
    Set<Digest> heldBefore(LayerHolder holder) {
        return before.held(holder);
    }

    private void deleteContainer(Target target) {
        if (containersGone.contains(target.id())) {
            return;
        }
        Container container = inventory.containers().get(target.id());
        if (container == null) {
            throw EngineException.notFound(
                    "No such container: " + target.texts().getFirst());
        }
        Lifecycle.checkRemove(container, target.texts().getFirst(), false);
        ContainerWeights.Weight weight = inventory.scales().weigh(container);
        LayerHolder holder = new LayerHolder(LayerHolder.Kind.CONTAINER, container.id());
        Weight alone = new Weight(weight.size(), weight.diskUsage()).plus(before.heldOnlyBy(Set.of(holder)));
        containersGone.add(container.id());
        images.removeUser(container.imageId(), container.id());
        free(weight.size(), weight.diskUsage());
        release(holder, holdings.release(holder));
        items.put(
                "container " + container.id(),
                new ReclaimPlan.Item(
                        Kind.CONTAINER,
                        container.id(),
                        List.of(container.name()),
                        weight.size(),
                        alone.size(),
                        alone.diskUsage(),
                        false,
                        Inventory.lastUsed(container)));
        done.add(target);
    }

    private void deleteVolume(Target target) {
        if (volumesGone.contains(target.id())) {
            return;
        }
        Volumes.requireUnused(target.id(), usersOf(target.id()));
        Volume volume = inventory.volumes().get(target.id());
        if (volume == null) {
            throw EngineException.notFound("get " + target.id() + ": no such volume");
        }
        Volumes.Weight weight = inventory.scales().weigh(volume);
        volumesGone.add(volume.name());
        free(weight.size(), weight.diskUsage());
        items.put(
                "volume " + volume.name(),
                new ReclaimPlan.Item(
                        Kind.VOLUME,
                        volume.name(),
                        List.of(volume.name()),
                        weight.size(),
                        weight.size(),
                        weight.diskUsage(),
                        false,
                        Inventory.lastUsed(volume)));
        done.add(target);
    }

    private void deleteImage(Target target) {
        Digest id = new Digest(target.id());
        List<String> carriedOut = new ArrayList<>();
        try {
            for (String text : target.texts()) {
                if (isLeft(id) && means(text, id)) {
                    ImageDraft.Result result = images.delete(text, false, true);
                    carriedOut.add(text);
                    take(id, result);
                }
            }
        } finally {
            if (!carriedOut.isEmpty()) {
                done.add(new Target(Kind.IMAGE, target.id(), carriedOut));
            }
        }
    }

    private boolean isLeft(Digest id) {
        return images.find(id).isPresent();
    }

    /** Whether the text means the image still: its name may have gone as another text of it. */
    private boolean means(String text, Digest id) {
        try {
            return images.identify(text).equals(id);
        } catch (EngineException e) {
            return false;
        }
    }

    private void take(Digest id, ImageDraft.Result result) {
        Set<LayerHolder> removed =
                result.removed().stream().map(ImageDraft::holder).collect(Collectors.toCollection(LinkedHashSet::new));
        put(id, familiar(result.untagged()), isLeft(id), Weight.NONE.plus(before.heldOnlyBy(removed)));
        for (Digest parent : result.removed()) {
            if (!parent.equals(id)) {
                Set<LayerHolder> alone = Set.of(ImageDraft.holder(parent));
                put(parent, List.of(), false, Weight.NONE.plus(before.heldOnlyBy(alone)));
            }
        }
        holdersGone.addAll(removed);
        result.gone().forEach(this::free);
    }

    private void put(Digest id, List<String> names, boolean stays, Weight alone) {
        ListedImage image = inventory.image(id);
        String key = "image " + image.id().hex();
        ReclaimPlan.Item known = items.get(key);
        List<String> all = new ArrayList<>(known == null ? List.of() : known.names());
        all.addAll(names);
        items.put(
                key,
                new ReclaimPlan.Item(
                        Kind.IMAGE,
                        image.id().toString(),
                        List.copyOf(all),
                        image.size(),
                        alone.size(),
                        alone.diskUsage(),
                        stays,
                        inventory.lastUsed(image)));
    }

    private void release(LayerHolder holder, List<Layer> gone) {
        holdersGone.add(holder);
        gone.forEach(this::free);
    }

    private void free(Layer layer) {
        layersGone.put(layer.diffId(), layer);
        free(layer.size(), layer.diskUsage());
    }

    private void free(long apparent, long allocated) {
        size += apparent;
        diskUsage += allocated;
    }

    /** What was done, as a plan without a name. */
    ReclaimPlan plan(ReclaimRequest request, Instant expires) {
        List<ReclaimPlan.Kept> kept = new ArrayList<>(refused);
        for (ReclaimPlan.Item item : items.values()) {
            if (item.stays()) {
                kept.add(new ReclaimPlan.Kept(
                        Kind.IMAGE,
                        item.id(),
                        familiar(images.names(Digest.of(item.id()))),
                        null,
                        reasonOf(Digest.of(item.id())),
                        List.of()));
            }
        }
        keptVolumes(kept);
        keptLayers(kept);
        return new ReclaimPlan(
                "", expires, size, diskUsage, request.free(), List.copyOf(items.values()), List.copyOf(kept));
    }

    private static List<String> familiar(List<Reference> names) {
        return names.stream().map(Reference::familiar).toList();
    }

    private String reasonOf(Digest image) {
        List<Reference> names = images.names(image);
        if (!names.isEmpty()) {
            return "image has other names";
        }
        return !images.children(image).isEmpty()
                ? "image has dependent child images"
                : "image is being used by a container";
    }

    /** The volumes of containers that go: who deletes a container leaves them. */
    private void keptVolumes(List<ReclaimPlan.Kept> kept) {
        inventory.volumeUsers().forEach((name, users) -> {
            if (!volumesGone.contains(name)
                    && users.stream().anyMatch(containersGone::contains)
                    && refused.stream()
                            .noneMatch(other ->
                                    other.kind() == Kind.VOLUME && other.id().equals(name))) {
                kept.add(new ReclaimPlan.Kept(
                        Kind.VOLUME,
                        name,
                        List.of(name),
                        null,
                        "deleting a container leaves its volumes",
                        holders(usersOf(name))));
            }
        });
    }

    private List<ReclaimPlan.Holder> holders(Collection<String> containers) {
        return containers.stream()
                .map(id -> new ReclaimPlan.Holder(Kind.CONTAINER, id, inventory.names(Kind.CONTAINER, id)))
                .toList();
    }

    private void keptLayers(List<ReclaimPlan.Kept> kept) {
        Set<Digest> held = new LinkedHashSet<>();
        holdersGone.forEach(holder -> held.addAll(before.held(holder)));
        for (Digest diffId : held) {
            Layer layer = before.layer(diffId);
            if (layer != null && !layersGone.containsKey(diffId)) {
                kept.add(new ReclaimPlan.Kept(
                        Kind.LAYER,
                        diffId.toString(),
                        List.of(),
                        layer.size(),
                        null,
                        holdings.holders(diffId).stream().map(inventory::shown).toList()));
            }
        }
    }

    private String shownId(Target target) {
        return target.kind() == Kind.IMAGE ? new Digest(target.id()).toString() : target.id();
    }
}
