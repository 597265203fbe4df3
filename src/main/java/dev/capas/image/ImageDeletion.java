package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerStore;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;

/**
 * Takes names from images and removes images, by Docker's rules: an image with children or with a running container stays in any
 * case; one with several names or a stopped container goes only by force.
 */
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
        if (name.isBlank()) {
            throw EngineException.invalidParameter("image name cannot be blank");
        }
        Attempt attempt = new Attempt(force, parents);
        store.write(() -> {
            attempt.delete(name);
            return attempt;
        });
        return attempt.outcome();
    }

    private @Nullable String userOf(Digest image, Predicate<ImageUsers.User> kind) {
        ImageUsers known = users.getIfAvailable();
        if (known == null) {
            return null;
        }
        return known.of(image).stream()
                .filter(kind)
                .map(user -> user.containerId().substring(0, 12))
                .findFirst()
                .orElse(null);
    }

    /** Why an image cannot go. */
    private record Conflict(boolean hard, boolean used, String reason) {}

    /** One call of {@link #delete}: the changes of its transaction, in order. */
    private final class Attempt {
        private final boolean force;
        private final boolean parents;
        private final List<Removal> untagged = new ArrayList<>();
        private final List<Image> removed = new ArrayList<>();

        Attempt(boolean force, boolean parents) {
            this.force = force;
            this.parents = parents;
        }

        void delete(String name) {
            Image image = images.resolve(name);
            boolean byId =
                    image.id().hex().startsWith(name) || image.id().toString().startsWith(name);
            if (byId) {
                deleteById(image);
            } else {
                deleteByName(image, name);
            }
        }

        private void deleteById(Image image) {
            List<Reference> names = references.of(image.id());
            if (isSingle(names)) {
                refuse(image, conflict(image, force, false));
                names.forEach(name -> untag(image, name));
            }
            remove(image, force, false);
        }

        private void deleteByName(Image image, String text) {
            List<Reference> names = references.of(image.id());
            if (!force && isSingle(names)) {
                String container = userOf(image.id(), user -> true);
                if (container != null) {
                    throw EngineException.conflict("conflict: unable to remove repository reference \"" + text
                            + "\" (must force) - container " + container + " is using its referenced image "
                            + image.id().shortHex());
                }
            }
            Reference name = Reference.parse(text).withDefaultTag();
            untag(image, name);
            List<Reference> left = references.of(image.id());
            if (name.digest() == null && left.stream().noneMatch(other -> isTagIn(name, other))) {
                left.stream().filter(other -> other.name().equals(name.name())).forEach(digest -> {
                    references.remove(digest);
                    untagged.add(new Removal.Untagged(digest));
                });
            }
            if (references.of(image.id()).isEmpty()) {
                remove(image, force, true);
            }
        }

        private static boolean isTagIn(Reference repository, Reference name) {
            return name.tag() != null && name.name().equals(repository.name());
        }

        /** Whether all names are of one repository, and at most one of them is a tag. */
        private static boolean isSingle(List<Reference> names) {
            Set<String> repositories = names.stream().map(Reference::name).collect(Collectors.toSet());
            return repositories.size() == 1
                    && names.stream().filter(name -> name.tag() != null).count() <= 1;
        }

        private void untag(Image image, Reference name) {
            references.remove(name);
            images.tell("untag", image, image.id().toString());
            untagged.add(new Removal.Untagged(name));
        }

        /**
         * Removes the image.
         *
         * @param quiet whether it simply stays where something needs it
         */
        private void remove(Image image, boolean byForce, boolean quiet) {
            Conflict conflict = conflict(image, byForce, true);
            if (conflict != null && quiet && (!isDangling(image) || conflict.used)) {
                return;
            }
            refuse(image, conflict);
            references.of(image.id()).forEach(name -> untag(image, name));
            store.remove(image.id());
            images.tellDeleted(image.id());
            removed.add(image);
            if (parents) {
                Optional.ofNullable(image.parent())
                        .flatMap(store::find)
                        .ifPresent(parent -> remove(parent, false, true));
            }
        }

        private boolean isDangling(Image image) {
            return references.of(image.id()).isEmpty() && !store.hasChildren(image.id());
        }

        private void refuse(Image image, @Nullable Conflict conflict) {
            if (conflict != null) {
                throw EngineException.conflict("conflict: unable to delete "
                        + image.id().shortHex() + " (" + (conflict.hard ? "cannot" : "must") + " be forced) - "
                        + conflict.reason);
            }
        }

        private @Nullable Conflict conflict(Image image, boolean byForce, boolean namesMatter) {
            if (store.hasChildren(image.id())) {
                return new Conflict(true, false, "image has dependent child images");
            }
            String running = userOf(image.id(), ImageUsers.User::running);
            if (running != null) {
                return new Conflict(true, true, "image is being used by running container " + running);
            }
            if (byForce) {
                return null;
            }
            if (namesMatter && !references.of(image.id()).isEmpty()) {
                return new Conflict(false, false, "image is referenced in multiple repositories");
            }
            String stopped = userOf(image.id(), user -> !user.running());
            return stopped == null
                    ? null
                    : new Conflict(false, true, "image is being used by stopped container " + stopped);
        }

        /** Collects the layers that nothing refers to any more, and tells what went. */
        Outcome outcome() {
            Set<Digest> candidates = new LinkedHashSet<>();
            removed.forEach(image -> candidates.addAll(image.diffIds()));
            List<Layer> gone = candidates.isEmpty() ? List.of() : layers.collect(candidates);
            Set<Digest> goneIds = gone.stream().map(Layer::diffId).collect(Collectors.toSet());

            List<Removal> steps = new ArrayList<>(untagged);
            Set<Digest> ofParents = new HashSet<>();
            List<List<Removal>> perImage = new ArrayList<>();
            for (Image image : removed.reversed()) {
                List<Digest> stack = image.diffIds();
                List<Removal> deleted = new ArrayList<>();
                Digest chain = null;
                for (Digest diffId : stack) {
                    chain = chain == null ? diffId : chain.chain(diffId);
                    if (goneIds.contains(diffId) && ofParents.add(chain)) {
                        deleted.addFirst(new Removal.Deleted(chain));
                    }
                }
                deleted.addFirst(new Removal.Deleted(image.id()));
                perImage.addFirst(deleted);
            }
            perImage.forEach(steps::addAll);
            return new Outcome(steps, gone.stream().mapToLong(Layer::size).sum());
        }
    }
}
