package dev.capas.usage;

import dev.capas.container.Container;
import dev.capas.container.State;
import dev.capas.errdefs.EngineException;
import dev.capas.image.ListedImage;
import dev.capas.layer.Layer;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import dev.capas.usage.ReclaimPlan.Kind;
import dev.capas.volume.Volume;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among what nobody uses: containers that do not run, images and volumes that no container has. An image whose containers
 * are all chosen counts as unused, and so does a volume that nobody named; one with a name stays until no container has it.
 */
final class UnusedThings {
    private final Inventory inventory;
    private final Instant usedBefore;

    /**
     * What was last used before this.
     *
     * @param usedBefore no later than now
     */
    UnusedThings(Inventory inventory, Instant usedBefore) {
        this.inventory = inventory;
        this.usedBefore = usedBefore;
    }

    /** Something that might go. */
    private record Candidate(Target target, Instant lastUsed) {}

    /**
     * What was chosen, with its part in what that frees.
     *
     * @param own its apparent bytes that are in no layer
     * @param layers those that it had a part in
     */
    private record Pick(Target target, long own, Set<Digest> layers) {}

    /**
     * Chooses the oldest, and of those no more than are needed.
     *
     * @param named what goes anyway
     * @param free how many bytes are wanted with that, null for all that can be had
     */
    List<Target> choose(List<Target> named, @Nullable Long free) {
        ReclaimDraft draft = new ReclaimDraft(inventory);
        draft.delete(named);
        List<Candidate> left = candidates();
        List<Pick> picks = new ArrayList<>();
        int before = -1;
        while (picks.size() > before && !isEnough(draft, free)) {
            before = picks.size();
            left.removeIf(candidate ->
                    !isEnough(draft, free) && isUnused(draft, candidate.target()) && pick(draft, candidate, picks));
        }
        List<Target> all = picks.stream().map(Pick::target).toList();
        return free == null || !isEnough(draft, free) ? all : fewest(draft, named, picks, free);
    }

    private static boolean isEnough(ReclaimDraft draft, @Nullable Long free) {
        return free != null && draft.size() >= free;
    }

    private List<Candidate> candidates() {
        List<Candidate> found = new ArrayList<>();
        for (Container container : inventory.containers().values()) {
            Target target = new Target(Kind.CONTAINER, container.id(), List.of(container.id()));
            found.add(new Candidate(target, Inventory.lastUsed(container)));
        }
        for (ListedImage image : inventory.images().images()) {
            List<Reference> names = inventory.images().names(image.id());
            List<String> texts = names.isEmpty()
                    ? List.of(image.id().hex())
                    : names.stream().map(Reference::toString).toList();
            if (!names.isEmpty() || inventory.images().children(image.id()).isEmpty()) {
                found.add(new Candidate(new Target(Kind.IMAGE, image.id().hex(), texts), inventory.lastUsed(image)));
            }
        }
        for (Volume volume : inventory.volumes().values()) {
            Target target = new Target(Kind.VOLUME, volume.name(), List.of(volume.name()));
            found.add(new Candidate(target, Inventory.lastUsed(volume)));
        }
        found.removeIf(candidate -> candidate.lastUsed().isAfter(usedBefore));
        found.sort(Comparator.comparing(Candidate::lastUsed)
                .thenComparing(candidate -> candidate.target().id()));
        return found;
    }

    private boolean isUnused(ReclaimDraft draft, Target target) {
        return switch (target.kind()) {
            case CONTAINER -> {
                State state = inventory.containers().get(target.id()).state();
                yield !state.running() && state.status() != State.Status.REMOVING;
            }
            case IMAGE -> {
                Digest id = new Digest(target.id());
                yield draft.images().find(id).isPresent()
                        && draft.images().users(id).isEmpty()
                        && draft.images().children(id).isEmpty();
            }
            case VOLUME -> {
                Volume volume = inventory.volumes().get(target.id());
                Set<String> users = volume.anonymous()
                        ? draft.usersOf(target.id())
                        : inventory.volumeUsers().getOrDefault(target.id(), Set.of());
                yield users.isEmpty() && !volume.hasOptions();
            }
            case LAYER, LEASE -> false;
        };
    }

    private static boolean pick(ReclaimDraft draft, Candidate candidate, List<Pick> picks) {
        long size = draft.size();
        Set<Digest> gone = new HashSet<>(draft.layersGone().keySet());
        Set<Digest> held = new HashSet<>();
        try {
            draft.delete(candidate.target()).forEach(holder -> held.addAll(draft.heldBefore(holder)));
        } catch (EngineException e) {
            return false;
        }
        long ofLayers = draft.layersGone().values().stream()
                .filter(layer -> !gone.contains(layer.diffId()))
                .mapToLong(Layer::size)
                .sum();
        picks.add(new Pick(candidate.target(), draft.size() - size - ofLayers, held));
        return true;
    }

    /** Leaves out what is not needed, the latest first; what others that stay in need goes with them. */
    private List<Target> fewest(ReclaimDraft draft, List<Target> named, List<Pick> picks, long free) {
        Set<Digest> freed = new HashSet<>(draft.layersGone().keySet());
        Set<String> needed = new HashSet<>();
        List<Target> kept = new ArrayList<>();
        long size = draft.size();
        for (Pick pick : picks.reversed()) {
            long loss = pick.own();
            for (Digest layer : pick.layers()) {
                loss += freed.contains(layer) ? draft.layersGone().get(layer).size() : 0;
            }
            if (size - loss >= free && !needed.contains(pick.target().id())) {
                size -= loss;
                freed.removeAll(pick.layers());
            } else {
                kept.addFirst(pick.target());
                needed.addAll(needs(pick.target()));
            }
        }
        ReclaimDraft check = new ReclaimDraft(inventory);
        check.delete(named);
        check.delete(kept);
        return isEnough(check, free) ? kept : picks.stream().map(Pick::target).toList();
    }

    /** What must go before it. */
    private Set<String> needs(Target target) {
        Set<String> needs = new HashSet<>();
        if (target.kind() == Kind.IMAGE) {
            Digest id = new Digest(target.id());
            inventory.images().users(id).forEach(user -> needs.add(user.containerId()));
            inventory.images().children(id).forEach(child -> needs.add(child.hex()));
        } else if (target.kind() == Kind.VOLUME) {
            needs.addAll(inventory.volumeUsers().getOrDefault(target.id(), Set.of()));
        }
        return needs;
    }
}
