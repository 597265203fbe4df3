package dev.capas.usage;

import dev.capas.container.Container;
import dev.capas.container.Containers;
import dev.capas.errdefs.EngineException;
import dev.capas.image.Image;
import dev.capas.image.Images;
import dev.capas.layer.FileIndex;
import dev.capas.layer.LayerStore;
import dev.capas.layer.ReadWriteLayer;
import dev.capas.layer.index.LayerTree;
import dev.capas.layer.index.MergedTree;
import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;

/** What images and containers stand on, layer by layer. */
@Service
public class Stacks {
    /** How many of those are told who share a layer of a stack. */
    private static final int LISTED_USERS = 10;

    private final Images images;
    private final Containers containers;
    private final LayerStore layers;
    private final LayerUsers users;
    private final FileIndex files;

    Stacks(Images images, Containers containers, LayerStore layers, LayerUsers users, FileIndex files) {
        this.images = images;
        this.containers = containers;
        this.layers = layers;
        this.users = users;
        this.files = files;
    }

    /**
     * The steps that made an image, bottom first, also those that made no layer; a constant number of statements.
     *
     * @throws EngineException if there is no such image, or a layer of it is damaged
     */
    public List<StackStep> ofImage(String name) {
        Image image = images.resolve(name);
        return steps(
                image.diffIds(),
                history(image),
                new Overlaps(files.merged(image.diffIds()).hidden()),
                user -> user instanceof LayerUser.OfImage other && other.id().equals(image.id()));
    }

    /**
     * The same of a container, with what it has written itself on top, as that is now.
     *
     * @throws EngineException if there is no such container, or a layer of it is damaged
     */
    public List<StackStep> ofContainer(String name) {
        Container container = containers.get(name);
        List<Digest> stack = container.readWriteLayer().stack();
        List<LayerTree> own;
        long size;
        try {
            own = container.readWriteLayer().files();
            size = container.readWriteLayer().size();
        } catch (IOException e) {
            throw EngineException.system("cannot look at the files of container " + name + ": " + e.getMessage(), e);
        }
        WrittenFiles written = WrittenFiles.of(size, own.getLast(), files.merged(stack));
        List<LayerTree> all = files.layers(stack);
        all.addAll(own);
        Overlaps overlaps = new Overlaps(MergedTree.of(all).hidden());
        List<StackStep> steps = new ArrayList<>(steps(
                stack,
                images.find(container.imageId()).map(Stacks::history).orElse(List.of()),
                overlaps,
                user -> user instanceof LayerUser.OfContainer other
                        && other.id().equals(container.id())));
        long below = steps.isEmpty() ? 0 : steps.getLast().total();
        steps.add(new StackStep(
                stack.size(),
                null,
                written,
                "",
                null,
                below + size,
                0,
                List.of(),
                overlaps.hides(ReadWriteLayer.CONTAINER),
                overlaps.hiddenBy(ReadWriteLayer.CONTAINER)));
        return steps;
    }

    private static List<ImageConfig.History> history(Image image) {
        return Objects.requireNonNullElse(image.config().history(), List.of());
    }

    private List<StackStep> steps(
            List<Digest> stack, List<ImageConfig.History> history, Overlaps overlaps, Predicate<LayerUser> itself) {
        Map<Digest, UsedLayer> used =
                users.describe(users.count(layers.findAll(new HashSet<>(stack)), LISTED_USERS + 1)).stream()
                        .collect(Collectors.toMap(found -> found.layer().diffId(), Function.identity()));
        List<StackStep> steps = new ArrayList<>();
        Iterator<Digest> left = stack.iterator();
        long total = 0;
        int position = 0;
        for (ImageConfig.History step : history(stack, history)) {
            String createdBy = Objects.requireNonNullElse(step.createdBy(), "");
            if (!step.hasLayer()) {
                steps.add(new StackStep(
                        null, null, null, createdBy, step.created(), total, 0, List.of(), List.of(), List.of()));
                continue;
            }
            UsedLayer layer = used.get(left.next());
            if (layer == null) {
                throw EngineException.notFound("No such layer: " + stack.get(position));
            }
            total += layer.layer().size();
            String id = layer.layer().diffId().toString();
            List<LayerUser> others = layer.users().stream()
                    .filter(itself.negate())
                    .limit(LISTED_USERS)
                    .toList();
            steps.add(new StackStep(
                    position++,
                    layer.layer(),
                    null,
                    createdBy,
                    step.created(),
                    total,
                    layer.refCount() - 1,
                    others,
                    overlaps.hides(id),
                    overlaps.hiddenBy(id)));
        }
        return steps;
    }

    /** With as many steps that made layers as there are layers. */
    private static List<ImageConfig.History> history(List<Digest> stack, List<ImageConfig.History> told) {
        List<ImageConfig.History> steps = new ArrayList<>(told);
        long made = told.stream().filter(ImageConfig.History::hasLayer).count();
        for (; made < stack.size(); made++) {
            steps.add(new ImageConfig.History(null, null, null, null, null));
        }
        return steps;
    }
}
