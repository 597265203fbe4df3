package dev.capas.usage;

import dev.capas.container.Container;
import dev.capas.container.ContainerWeights;
import dev.capas.container.Containers;
import dev.capas.container.Lifecycle;
import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import dev.capas.image.ImageDeletion;
import dev.capas.image.Removal;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerHoldings;
import dev.capas.layer.LayerStore;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import dev.capas.usage.ReclaimPlan.Kind;
import dev.capas.volume.Volume;
import dev.capas.volume.Volumes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;

/**
 * Tells what deleting things would free, and does it. It deletes by the same calls as clients do, never by force, and in an order in which
 * nothing is refused that need not be: containers, volumes, images before their parents.
 */
@Service
public class Reclaim {
    private final Containers containers;
    private final ContainerWeights weights;
    private final Lifecycle lifecycle;
    private final Volumes volumes;
    private final ImageDeletion images;
    private final LayerStore layers;
    private final LastUse lastUse;
    private final Plans plans = new Plans();
    private final ReentrantLock executing = new ReentrantLock();

    Reclaim(
            Containers containers,
            ContainerWeights weights,
            Lifecycle lifecycle,
            Volumes volumes,
            ImageDeletion images,
            LayerStore layers,
            LastUse lastUse) {
        this.containers = containers;
        this.weights = weights;
        this.lifecycle = lifecycle;
        this.volumes = volumes;
        this.images = images;
        this.layers = layers;
        this.lastUse = lastUse;
    }

    /**
     * What deleting would free. The number of queries does not depend on how much there is, and no disk is walked but for the volumes that go.
     *
     * @throws EngineException if something that is named is not there (404)
     */
    public ReclaimPlan plan(ReclaimRequest request) {
        Instant now = Instant.now();
        ReclaimPlan plan = draft(request, now).plan(request, now.plus(Plans.LIFETIME));
        return plan.named(plans.keep(new Plans.Plan(request, now, digest(plan), plan.reclaimable(), null)));
    }

    private static Digest digest(ReclaimPlan plan) {
        return Digest.ofContent(Json.MAPPER.writeValueAsBytes(plan));
    }

    private ReclaimDraft draft(ReclaimRequest request, Instant now) {
        Inventory inventory = inventory();
        List<Target> named = named(inventory, request);
        List<Target> all = new ArrayList<>(named);
        if (request.chooses()) {
            Instant usedBefore = request.unusedFor() == null ? Instant.MAX : now.minus(request.unusedFor());
            all.addAll(new UnusedThings(inventory, usedBefore).choose(named, request.free()));
        }
        ReclaimDraft draft = new ReclaimDraft(inventory);
        draft.delete(all);
        return draft;
    }

    private Inventory inventory() {
        LayerHoldings holdings = layers.holdings();
        return new Inventory(
                holdings,
                images.draft(holdings),
                containers.all().stream()
                        .collect(Collectors.toMap(
                                Container::id, Function.identity(), (one, other) -> one, LinkedHashMap::new)),
                volumes.list(Filters.NONE).stream()
                        .collect(Collectors.toMap(
                                Volume::name, Function.identity(), (one, other) -> one, LinkedHashMap::new)),
                volumes.userIds(),
                lastUse.ofImages(containers.all()),
                new Inventory.Scales(weights, volumes));
    }

    /** What the request names: containers, volumes, then images, each once with all that it is called; names before IDs. */
    private List<Target> named(Inventory inventory, ReclaimRequest request) {
        List<Target> targets = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String text : request.containers()) {
            String id = containers.get(text).id();
            if (seen.add(id)) {
                targets.add(new Target(Kind.CONTAINER, id, List.of(text)));
            }
        }
        for (String text : new LinkedHashSet<>(request.volumes())) {
            targets.add(new Target(Kind.VOLUME, volumes.get(text).name(), List.of(text)));
        }
        Map<String, List<String>> texts = new LinkedHashMap<>();
        for (String text : new LinkedHashSet<>(request.images())) {
            Digest image = inventory.images().identify(text);
            texts.computeIfAbsent(image.hex(), id -> new ArrayList<>()).add(text);
        }
        texts.forEach((id, all) -> {
            all.sort(Comparator.comparing(text -> isId(text, id)));
            targets.add(new Target(Kind.IMAGE, id, all));
        });
        return targets;
    }

    private static boolean isId(String text, String id) {
        return id.startsWith(text) || ("sha256:" + id).startsWith(text);
    }

    /**
     * Carries out a plan, which then is used up.
     *
     * @throws EngineException if there is no such plan (404), it is no plan's ID (400), it is used up or too old, or anything has changed that
     *     the plan tells of (409); nothing is deleted then
     */
    public Reclaimed carryOut(String id) {
        executing.lock();
        try {
            Instant now = Instant.now();
            Plans.Plan plan = plans.get(id, now);
            ReclaimDraft draft = unchanged(id, plan);
            plans.use(id, now);
            return delete(draft);
        } finally {
            executing.unlock();
        }
    }

    private ReclaimDraft unchanged(String id, Plans.Plan plan) {
        ReclaimDraft draft;
        try {
            draft = draft(plan.request(), plan.made());
        } catch (EngineException e) {
            throw changed(id, e.getMessage());
        }
        ReclaimPlan now = draft.plan(plan.request(), plan.expires());
        if (!digest(now).equals(plan.contents())) {
            throw changed(
                    id,
                    now.reclaimable() == plan.reclaimable()
                            ? "other things would go or stay"
                            : "it would free " + now.reclaimable() + " bytes, not " + plan.reclaimable());
        }
        return draft;
    }

    private static EngineException changed(String id, String how) {
        return EngineException.conflict("plan " + id + " does not fit any more, make a new one: " + how);
    }

    private Reclaimed delete(ReclaimDraft draft) {
        List<String> containersDeleted = new ArrayList<>();
        List<String> volumesDeleted = new ArrayList<>();
        List<String> names = new ArrayList<>();
        try {
            for (Target target : draft.done()) {
                switch (target.kind()) {
                    case CONTAINER -> {
                        lifecycle.remove(target.id(), false, false, false);
                        containersDeleted.add(target.id());
                    }
                    case VOLUME -> {
                        volumes.remove(target.id(), false);
                        volumesDeleted.add(target.id());
                    }
                    default -> names.addAll(target.texts());
                }
            }
            List<Removal> steps = names.isEmpty()
                    ? List.of()
                    : images.delete(names, false, true).steps();
            layers.collect(draft.layersGone().keySet());
            long stayed = layers.findAll(draft.layersGone().keySet()).stream()
                    .mapToLong(Layer::size)
                    .sum();
            return new Reclaimed(containersDeleted, volumesDeleted, steps, draft.size() - stayed);
        } catch (EngineException e) {
            throw containersDeleted.isEmpty() && volumesDeleted.isEmpty()
                    ? e
                    : EngineException.conflict(e.getMessage() + "; deleted before that: "
                            + String.join(", ", containersDeleted) + String.join(", ", volumesDeleted));
        }
    }
}
