package dev.capas.usage;

import dev.capas.image.Image;
import dev.capas.layer.index.Inode;
import dev.capas.layer.index.MergedTree;
import dev.capas.layer.index.Node;
import dev.capas.oci.Digest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * An image of which some layers count.
 *
 * @param stack all its layers with their bytes, bottom first
 * @param ignored how many of them, from the bottom, do not count
 */
record WeighedImage(Image image, List<LayerStep> stack, int ignored) {
    /** How many layers and files an answer names. */
    private static final int NAMED = 10;

    static WeighedImage of(Image image, Map<Digest, Long> sizes, int ignored) {
        List<LayerStep> stack = LayerStep.of(image.config()).stream()
                .map(layer -> layer.weighing(Objects.requireNonNull(sizes.get(layer.diffId()))))
                .toList();
        return new WeighedImage(image, stack, ignored);
    }

    /** The first few, the largest first, without those that add nothing. */
    static <T> List<T> largest(Collection<T> all, ToLongFunction<T> size) {
        return all.stream()
                .filter(one -> size.applyAsLong(one) > 0)
                .sorted(Comparator.comparingLong(size).reversed())
                .limit(NAMED)
                .toList();
    }

    List<LayerStep> counted() {
        return stack.subList(ignored, stack.size());
    }

    long size() {
        return counted().stream().mapToLong(LayerStep::size).sum();
    }

    /** Those that count and that another stack does not have. */
    List<LayerStep> without(Collection<Digest> others) {
        return counted().stream()
                .filter(layer -> !others.contains(layer.diffId()))
                .toList();
    }

    /** The topmost place of each layer, where it is mounted. */
    Map<String, LayerStep> places() {
        Map<String, LayerStep> places = new HashMap<>();
        stack.forEach(layer -> places.put(layer.diffId().toString(), layer));
        return places;
    }

    /** Where a file comes from, null where that layer does not count. */
    static @Nullable LayerStep counting(Inode inode, Map<String, LayerStep> places, int ignored) {
        LayerStep place = places.get(inode.layer());
        return place == null || place.position() < ignored ? null : place;
    }

    /** The files that are seen, of the layers that count. */
    List<Budget.File> files(MergedTree tree) {
        Map<String, LayerStep> places = places();
        List<Node> nodes = new ArrayList<>();
        tree.root().visit(node -> {
            if (node.ownSize() > 0 && counting(node.inode(), places, ignored) != null) {
                nodes.add(node);
            }
        });
        return largest(nodes, Node::ownSize).stream()
                .map(node -> file(FilePath.of(node.path()), node.ownSize(), node.inode(), places))
                .toList();
    }

    /** The files that came or grew, of the layers that count. */
    List<Budget.File> grown(FileComparison comparison) {
        Map<String, LayerStep> places = places();
        ToLongFunction<FileDifference> growth = difference -> difference.size() - difference.baseSize();
        List<FileDifference> grown = comparison.differences().stream()
                .filter(difference -> difference.kind() != FileDifference.Kind.REMOVED)
                .filter(difference -> counting(difference.inode(), places, ignored) != null)
                .toList();
        return largest(grown, growth).stream()
                .map(difference -> file(difference.path(), growth.applyAsLong(difference), difference.inode(), places))
                .toList();
    }

    private static Budget.File file(FilePath path, long size, Inode inode, Map<String, LayerStep> places) {
        return new Budget.File(path, size, Objects.requireNonNull(places.get(inode.layer())), null);
    }
}
