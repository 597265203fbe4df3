package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Docker's rules of deletion: an image with children or with a running container stays in any case; one with several names or a stopped
 * container goes only by force. What is refused has changed nothing.
 */
final class DeletionRules {
    private final DeletableImages images;
    private final boolean force;
    private final boolean parents;
    private final List<Reference> untagged = new ArrayList<>();
    private final List<Digest> removed = new ArrayList<>();

    /** Why an image cannot go. */
    private record Conflict(boolean hard, boolean used, String reason) {}

    /**
     * A deletion that begins.
     *
     * @param force also where other names or stopped containers refer to an image
     * @param parents whether parents that nothing needs any more go too
     */
    DeletionRules(DeletableImages images, boolean force, boolean parents) {
        this.images = images;
        this.force = force;
        this.parents = parents;
    }

    /**
     * Deletes by name or by ID.
     *
     * @throws EngineException if there is no such image, or something still needs it (409)
     */
    void delete(String name) {
        Digest image = images.identify(name);
        boolean byId = image.hex().startsWith(name) || image.toString().startsWith(name);
        if (byId) {
            deleteById(image);
        } else {
            deleteByName(image, name);
        }
    }

    private void deleteById(Digest image) {
        List<Reference> names = images.namesOf(image);
        if (isSingle(names)) {
            refuse(image, conflict(image, force, false));
            names.forEach(name -> untag(image, name));
        }
        remove(image, force, false);
    }

    private void deleteByName(Digest image, String text) {
        List<Reference> names = images.namesOf(image);
        if (!force && isSingle(names)) {
            String container = userOf(image, user -> true);
            if (container != null) {
                throw EngineException.conflict("conflict: unable to remove repository reference \"" + text
                        + "\" (must force) - container " + container + " is using its referenced image "
                        + image.shortHex());
            }
        }
        Reference name = Reference.parse(text).withDefaultTag();
        untag(image, name);
        List<Reference> left = images.namesOf(image);
        if (name.digest() == null && left.stream().noneMatch(other -> isTagIn(name, other))) {
            left.stream().filter(other -> other.name().equals(name.name())).forEach(digest -> {
                images.removeName(digest);
                untagged.add(digest);
            });
        }
        if (images.namesOf(image).isEmpty()) {
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

    private void untag(Digest image, Reference name) {
        images.removeName(name);
        images.tellUntagged(image);
        untagged.add(name);
    }

    /**
     * Removes the image.
     *
     * @param quiet whether it simply stays where something needs it
     */
    private void remove(Digest image, boolean byForce, boolean quiet) {
        Conflict conflict = conflict(image, byForce, true);
        if (conflict != null && quiet && (!isDangling(image) || conflict.used)) {
            return;
        }
        refuse(image, conflict);
        images.namesOf(image).forEach(name -> untag(image, name));
        images.remove(image);
        removed.add(image);
        if (parents) {
            images.parentOf(image).ifPresent(parent -> remove(parent, false, true));
        }
    }

    private boolean isDangling(Digest image) {
        return images.namesOf(image).isEmpty() && !images.hasChildren(image);
    }

    private void refuse(Digest image, @Nullable Conflict conflict) {
        if (conflict != null) {
            throw EngineException.conflict("conflict: unable to delete "
                    + image.shortHex() + " (" + (conflict.hard ? "cannot" : "must") + " be forced) - "
                    + conflict.reason);
        }
    }

    private @Nullable Conflict conflict(Digest image, boolean byForce, boolean namesMatter) {
        if (images.hasChildren(image)) {
            return new Conflict(true, false, "image has dependent child images");
        }
        String running = userOf(image, ImageUsers.User::running);
        if (running != null) {
            return new Conflict(true, true, "image is being used by running container " + running);
        }
        if (byForce) {
            return null;
        }
        if (namesMatter && !images.namesOf(image).isEmpty()) {
            return new Conflict(false, false, "image is referenced in multiple repositories");
        }
        String stopped = userOf(image, user -> !user.running());
        return stopped == null
                ? null
                : new Conflict(false, true, "image is being used by stopped container " + stopped);
    }

    private @Nullable String userOf(Digest image, Predicate<ImageUsers.User> kind) {
        return images.usersOf(image).stream()
                .filter(kind)
                .map(user -> user.containerId().substring(0, 12))
                .findFirst()
                .orElse(null);
    }

    /** The names that went. */
    List<Reference> untagged() {
        return untagged;
    }

    /** The images that went, each before its parents. */
    List<Digest> removed() {
        return removed;
    }
}
