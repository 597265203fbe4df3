package dev.capas.usage;

import dev.capas.layer.index.Hidden;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which layers of a stack hide how much of which. */
final class Overlaps {
    private final Map<String, Map<String, StackStep.Overlap>> hides = new HashMap<>();
    private final Map<String, Map<String, StackStep.Overlap>> hiddenBy = new HashMap<>();

    Overlaps(List<Hidden> hidden) {
        for (Hidden file : hidden) {
            long size = file.inode().size();
            add(hides, file.by(), file.inode().layer(), size);
            add(hiddenBy, file.inode().layer(), file.by(), size);
        }
    }

    private static void add(Map<String, Map<String, StackStep.Overlap>> map, String one, String other, long size) {
        map.computeIfAbsent(one, layer -> new HashMap<>())
                .merge(
                        other,
                        new StackStep.Overlap(other, 1, size),
                        (a, b) -> new StackStep.Overlap(other, a.files() + b.files(), a.size() + b.size()));
    }

    /** What the layer hides of others, the most bytes first. */
    List<StackStep.Overlap> hides(String layer) {
        return sorted(hides.getOrDefault(layer, Map.of()));
    }

    /** What others hide of the layer, the most bytes first. */
    List<StackStep.Overlap> hiddenBy(String layer) {
        return sorted(hiddenBy.getOrDefault(layer, Map.of()));
    }

    private static List<StackStep.Overlap> sorted(Map<String, StackStep.Overlap> overlaps) {
        return overlaps.values().stream()
                .sorted(Comparator.comparing(StackStep.Overlap::size)
                        .reversed()
                        .thenComparing(StackStep.Overlap::layer))
                .toList();
    }
}
