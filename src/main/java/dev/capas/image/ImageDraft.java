package dev.capas.image;

import dev.capas.layer.Layer;
import dev.capas.layer.LayerHolder;
import dev.capas.layer.LayerHoldings;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * All images as they were at one moment, to try deletions on: each one finds what those before it would have left, and nothing really goes.
 * It asks the database nothing. Not safe for use by several threads.
 */
public final class ImageDraft {
    private final NavigableMap<String, ListedImage> byId = new TreeMap<>();
    private final Map<String, Digest> byName = new HashMap<>();
    private final Map<Digest, List<Reference>> names = new HashMap<>();
    private final Map<Digest, Digest> parents = new HashMap<>();
    private final Map<Digest, Set<Digest>> children = new HashMap<>();
    private final Map<Digest, List<ImageUsers.User>> users = new HashMap<>();
    private final LayerHoldings holdings;
    private final Drafted drafted = new Drafted();

    ImageDraft(
            List<ListedImage> images,
            Map<Digest, List<Reference>> names,
            Map<Digest, List<ImageUsers.User>> users,
            LayerHoldings holdings) {
        this.holdings = holdings;
        users.forEach((image, all) -> this.users.put(image, new ArrayList<>(all)));
        for (ListedImage image : images) {
            byId.put(image.id().hex(), image);
            if (image.parent() != null) {
                parents.put(image.id(), image.parent());
                children.computeIfAbsent(image.parent(), parent -> new HashSet<>())
                        .add(image.id());
            }
        }
        names.forEach((image, own) -> {
            this.names.put(image, new ArrayList<>(own));
            own.forEach(name -> byName.put(ReferenceStore.key(name), image));
        });
    }

    /** The same for another try, with other holdings. */
    public ImageDraft copy(LayerHoldings others) {
        return new ImageDraft(List.copyOf(byId.values()), names, users, others);
    }

    /** The image with this ID, where it is left. */
    public Optional<ListedImage> find(Digest id) {
        return Optional.ofNullable(byId.get(id.hex()));
    }

    /** Those that are left. */
    public Collection<ListedImage> images() {
        return List.copyOf(byId.values());
    }

    /** The names that an image has left, sorted. */
    public List<Reference> names(Digest image) {
        return List.copyOf(names.getOrDefault(image, List.of()));
    }

    /** The images that are left and were made from it. */
    public Set<Digest> children(Digest image) {
        return children.getOrDefault(image, Set.of());
    }

    /** The containers of an image that are left. */
    public List<ImageUsers.User> users(Digest image) {
        return users.getOrDefault(image, List.of());
    }

    /**
     * The ID of the image that a user means, as {@link Images#resolve(String)} finds it.
     *
     * @throws dev.capas.errdefs.EngineException if there is none, or none left
     */
    public Digest identify(String text) {
        return drafted.identify(text);
    }

    /** Takes a container away. */
    public void removeUser(Digest image, String containerId) {
        users.getOrDefault(image, List.of()).removeIf(user -> user.containerId().equals(containerId));
    }

    /**
     * What a deletion would do.
     *
     * @param untagged the names that would go
     * @param removed the images that would go, each before its parents
     * @param gone the layers that would go with them
     */
    public record Result(List<Reference> untagged, List<Digest> removed, List<Layer> gone) {}

    /**
     * Deletes by name or by ID, as {@link ImageDeletion#delete(String, boolean, boolean)} does.
     *
     * @throws dev.capas.errdefs.EngineException as there; nothing is changed then
     */
    public Result delete(String name, boolean force, boolean parents) {
        ImageDeletion.check(name);
        DeletionRules rules = new DeletionRules(drafted, force, parents);
        rules.delete(name);
        List<Layer> gone = new ArrayList<>();
        rules.removed().forEach(image -> gone.addAll(holdings.release(holder(image))));
        return new Result(rules.untagged(), rules.removed(), gone);
    }

    /** As what an image holds layers. */
    public static LayerHolder holder(Digest image) {
        return new LayerHolder(LayerHolder.Kind.IMAGE, image.hex());
    }

    private final class Drafted implements DeletableImages {
        @Override
        public boolean has(Digest id) {
            return find(id).isPresent();
        }

        @Override
        public Optional<Digest> named(Reference name) {
            return Optional.ofNullable(byName.get(ReferenceStore.key(name)));
        }

        @Override
        public Optional<Digest> beginningWith(String hexPrefix) {
            List<Digest> found = byId.tailMap(hexPrefix).values().stream()
                    .map(ListedImage::id)
                    .takeWhile(id -> id.hex().startsWith(hexPrefix))
                    .limit(2)
                    .toList();
            return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
        }

        @Override
        public List<Reference> namesOf(Digest image) {
            return names(image);
        }

        @Override
        public boolean hasChildren(Digest image) {
            return !children(image).isEmpty();
        }

        @Override
        public List<ImageUsers.User> usersOf(Digest image) {
            return users(image);
        }

        @Override
        public void removeName(Reference name) {
            Digest image = byName.remove(ReferenceStore.key(name));
            if (image != null) {
                names.getOrDefault(image, new ArrayList<>())
                        .removeIf(own -> ReferenceStore.key(own).equals(ReferenceStore.key(name)));
            }
        }

        @Override
        public void tellUntagged(Digest image) {
            // nobody is told of a draft
        }

        @Override
        public void remove(Digest image) {
            byId.remove(image.hex());
            names.remove(image);
            parentOf(image)
                    .ifPresent(parent ->
                            children.getOrDefault(parent, new HashSet<>()).remove(image));
        }

        @Override
        public Optional<Digest> parentOf(Digest image) {
            return Optional.ofNullable(parents.get(image)).filter(this::has);
        }
    }
}
