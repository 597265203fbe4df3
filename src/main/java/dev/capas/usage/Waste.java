package dev.capas.usage;

import dev.capas.layer.index.Hidden;
import dev.capas.layer.index.MergedTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The bytes that an image has and nobody sees: files of lower layers that upper ones hide, and layers that occur again.
 *
 * @param bytes all together
 * @param layers those because of which they are not seen, with what each hides, and those that occur again with their size
 * @param files the largest of those hidden
 */
record Waste(long bytes, List<LayerStep> layers, List<Budget.File> files) {
    static Waste of(WeighedImage image, MergedTree tree) {
        Map<String, LayerStep> places = image.places();
        Map<Integer, LayerStep> shares = new TreeMap<>();
        List<Hidden> counted = new ArrayList<>();
        long bytes = 0;
        for (Hidden hidden : tree.hidden()) {
            if (WeighedImage.counting(hidden.inode(), places, image.ignored()) != null) {
                counted.add(hidden);
                bytes += hidden.inode().size();
                add(
                        Objects.requireNonNull(places.get(hidden.by())),
                        hidden.inode().size(),
                        shares);
            }
        }
        for (LayerStep layer : image.counted()) {
            if (!layer.equals(places.get(layer.diffId().toString()))) {
                bytes += layer.size();
                add(layer, layer.size(), shares);
            }
        }
        List<Budget.File> files = WeighedImage.largest(
                        counted, hidden -> hidden.inode().size())
                .stream()
                .map(hidden -> new Budget.File(
                        FilePath.of(hidden.path()),
                        hidden.inode().size(),
                        Objects.requireNonNull(places.get(hidden.inode().layer())),
                        places.get(hidden.by())))
                .toList();
        return new Waste(bytes, List.copyOf(shares.values()), files);
    }

    private static void add(LayerStep layer, long bytes, Map<Integer, LayerStep> shares) {
        shares.merge(
                layer.position(), layer.weighing(bytes), (known, more) -> known.weighing(known.size() + more.size()));
    }
}
