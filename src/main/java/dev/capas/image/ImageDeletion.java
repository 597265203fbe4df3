package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerHoldings;
import dev.capas.layer.LayerStore;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;

/** Takes names from images and removes images, or tells what that would do. */
@Service
public class ImageDeletion {
    private final Images images;
    private final ImageStore store;
    private final ReferenceStore references;
    private final LayerStore layers;
    private final ObjectProvider<ImageUsers> users;

    ImageDeletion(
            Images images,
            ImageStore store,
            ReferenceStore references,
            LayerStore layers,
            ObjectProvider<ImageUsers> users) {
        this.images = images;
        this.store = store;
        this.references = references;
        this.layers = layers;
        this.users = users;
    }

    /**
     * What a deletion did.
     *
     * @param steps in Docker's order: names, then for each image its ID and the ChainIDs of the layers that went with it, top first
     * @param reclaimed the apparent bytes of those layers
     */
    public record Outcome(List<Removal> steps, long reclaimed) {}

    /**
     * Deletes by name or by ID.
     *
     * @param force also where other names or stopped containers refer to the image
     * @param parents whether parents that nothing needs any more go too
     * @throws EngineException if there is no such image, or something still needs it (409)
     */
    public Outcome delete(String name, boolean force, boolean parents) {
        return delete(List.of(name), force, parents);
    }

    /** The same of several, in this order: all of them, or, where one is refused, none. */
    public Outcome delete(List<String> names, boolean force, boolean parents) {
        names.forEach(ImageDeletion::check);
        Stored stored = new Stored();
        DeletionRules rules = new DeletionRules(stored, force, parents);
        store.write(() -> {
            names.forEach(rules::delete);
            return rules;
        });
        Set<Digest> candidates = new LinkedHashSet<>();
        stored.stacks.values().forEach(candidates::addAll);
        List<Layer> gone = candidates.isEmpty() ? List.of() : layers.collect(candidates);
        return outcome(rules.untagged(), rules.removed(), stored.stacks, gone);
    }

    /** What {@link #delete(String, boolean, boolean)} would do now, and would throw. Nothing is changed. */
    public Outcome preview(String name, boolean force, boolean parents) {
        return outcome(draft().delete(name, force, parents));
    }

    /** What a draft did, as if it had been done. */
    Outcome outcome(ImageDraft.Result result) {
        Map<Digest, List<Digest>> stacks = new HashMap<>();
        for (Digest image : result.removed()) {
            images.find(image).ifPresent(found -> stacks.put(image, found.diffIds()));
        }
        return outcome(result.untagged(), result.removed(), stacks, result.gone());
    }

    private static Outcome outcome(
            List<Reference> untagged, List<Digest> removed, Map<Digest, List<Digest>> stacks, Collection<Layer> gone) {
        Set<Digest> goneIds = gone.stream().map(Layer::diffId).collect(Collectors.toSet());
        Set<Digest> ofParents = new HashSet<>();
        List<List<Removal>> perImage = new ArrayList<>();
        for (Digest image : removed.reversed()) {
            List<Removal> deleted = new ArrayList<>();
            Digest chain = null;
            for (Digest diffId : stacks.getOrDefault(image, List.of())) {
                chain = chain == null ? diffId : chain.chain(diffId);
                if (goneIds.contains(diffId) && ofParents.add(chain)) {
                    deleted.addFirst(new Removal.Deleted(chain));
                }
            }
            deleted.addFirst(new Removal.Deleted(image));
            perImage.addFirst(deleted);
        }
        List<Removal> steps = new ArrayList<>();
        untagged.forEach(name -> steps.add(new Removal.Untagged(name)));
        perImage.forEach(steps::addAll);
        return new Outcome(steps, gone.stream().mapToLong(Layer::size).sum());
    }

    /** The images as they are now, to try deletions on. */
    public ImageDraft draft() {
        return draft(layers.holdings());
    }

    /** The same, where the layers that go are wanted in holdings that the caller has. */
    public ImageDraft draft(LayerHoldings holdings) {
        ImageUsers known = users.getIfAvailable();
        return new ImageDraft(store.listed(), references.all(), known == null ? Map.of() : known.all(), holdings);
    }

    static void check(String name) {
        if (name.isBlank()) {
            throw EngineException.invalidParameter("image name cannot be blank");
        }
    }

    /** The images themselves. Whatever happens to them is told once it is certain. */
    private final class Stored implements DeletableImages {
        private final Map<Digest, Digest> parents = new HashMap<>();
        /** The DiffIDs of those that went, bottom first. */
        private final Map<Digest, List<Digest>> stacks = new HashMap<>();

        @Override
        public boolean has(Digest id) {
            return images.lookup().has(id);
        }

        @Override
        public Optional<Digest> named(Reference name) {
            return images.lookup().named(name);
        }

        @Override
        public Optional<Digest> beginningWith(String hexPrefix) {
            return images.lookup().beginningWith(hexPrefix);
        }

        @Override
        public List<Reference> namesOf(Digest image) {
            return references.of(image);
        }

        @Override
        public boolean hasChildren(Digest image) {
            return store.hasChildren(image);
        }

        @Override
        public Optional<Digest> parentOf(Digest image) {
            return Optional.ofNullable(parents.get(image)).filter(this::has);
        }

        @Override
        public List<ImageUsers.User> usersOf(Digest image) {
            ImageUsers known = users.getIfAvailable();
            return known == null ? List.of() : known.of(image);
        }

        @Override
        public void removeName(Reference name) {
            references.remove(name);
        }

        @Override
        public void tellUntagged(Digest image) {
            images.tell("untag", images.find(image).orElseThrow(), image.toString());
        }

        @Override
        public void remove(Digest image) {
            Image removed = images.find(image).orElseThrow();
            stacks.put(image, removed.diffIds());
            if (removed.parent() != null) {
                parents.put(image, removed.parent());
            }
            store.remove(image);
            images.tellDeleted(image);
        }
    }
}
