package dev.capas.usage;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Slice;
import dev.capas.layer.index.MergedTree;
import dev.capas.layer.index.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The paths of two trees beside each other, directories too, which have no bytes. The bytes of an inode count at the first of its names, so
 * that those in common, added and changed add up to the tree, and so do those in common, removed and changed to the base.
 *
 * @param common where both have the same
 * @param added what only the image has
 * @param changed where they differ
 * @param metadataOnly those of the changed ones whose content is the same
 * @param removed what only the base has
 * @param differences all but those in common, in the order of the paths
 */
public record FileComparison(
        Total common, Total added, Total changed, Total metadataOnly, Total removed, List<FileDifference> differences) {
    /**
     * How many paths, and how many bytes they have.
     *
     * @param size in the image
     * @param baseSize in the base
     */
    public record Total(long count, long size, long baseSize) {
        static final Total NONE = new Total(0, 0, 0);

        Total plus(long bytes, long baseBytes) {
            return new Total(count + 1, size + bytes, baseSize + baseBytes);
        }

        static Total of(Collection<FileDifference> differences) {
            Total total = NONE;
            for (FileDifference difference : differences) {
                total = total.plus(difference.size(), difference.baseSize());
            }
            return total;
        }
    }

    private record Pair(@Nullable Node before, @Nullable Node after) {}

    static FileComparison of(MergedTree base, MergedTree image) {
        Walk walk = new Walk();
        walk.all(new Pair(base.root(), image.root()));
        List<FileDifference> differences = walk.differences;
        differences.sort(Comparator.comparing(FileDifference::key));
        return new FileComparison(
                walk.common,
                Total.of(of(FileDifference.Kind.ADDED, differences)),
                Total.of(of(FileDifference.Kind.CHANGED, differences)),
                Total.of(differences.stream()
                        .filter(FileDifference::isMetadataOnly)
                        .toList()),
                Total.of(of(FileDifference.Kind.REMOVED, differences)),
                differences);
    }

    /** Goes through both trees at once. */
    private static final class Walk {
        private final List<FileDifference> differences = new ArrayList<>();
        private final Deque<Pair> left = new ArrayDeque<>();
        private long count;
        private long size;
        private long baseSize;
        private Total common = Total.NONE;

        void all(Pair roots) {
            left.push(roots);
            while (!left.isEmpty()) {
                Pair pair = left.pop();
                Node before = pair.before();
                Node after = pair.after();
                if (after != null) {
                    for (Node child : after.children()) {
                        compare(before == null ? null : before.child(child.name()), child);
                    }
                }
                if (before != null) {
                    for (Node child : before.children()) {
                        if (after == null || after.child(child.name()) == null) {
                            compare(child, null);
                        }
                    }
                }
            }
            common = new Total(count, size, baseSize);
        }

        private void compare(@Nullable Node before, @Nullable Node after) {
            FileDifference difference = FileDifference.of(before, after);
            if (difference != null) {
                differences.add(difference);
            } else if (before != null && after != null) {
                count++;
                size += after.ownSize();
                baseSize += before.ownSize();
            }
            if (before != null && before.inode().isDirectory()
                    || after != null && after.inode().isDirectory()) {
                left.push(new Pair(before, after));
            }
        }
    }

    private static List<FileDifference> of(FileDifference.Kind kind, List<FileDifference> differences) {
        return differences.stream()
                .filter(difference -> difference.kind() == kind)
                .toList();
    }

    /**
     * Some of the differences.
     *
     * @param change {@code added}, {@code changed}, {@code metadata} or {@code removed}; null for all
     * @param sort {@code path} or {@code size} (the larger of both sizes), a minus before it for descending
     * @throws EngineException if change or sort are something else (400)
     */
    public Slice<FileDifference> slice(@Nullable String change, String sort, int limit, @Nullable String after) {
        List<FileDifference> wanted = new ArrayList<>(
                change == null
                        ? differences
                        : switch (change) {
                            case "added" -> of(FileDifference.Kind.ADDED, differences);
                            case "changed" -> of(FileDifference.Kind.CHANGED, differences);
                            case "removed" -> of(FileDifference.Kind.REMOVED, differences);
                            case "metadata" ->
                                differences.stream()
                                        .filter(FileDifference::isMetadataOnly)
                                        .toList();
                            default ->
                                throw EngineException.invalidParameter(
                                        "invalid change '" + change
                                                + "': it is added, changed, metadata (those changed in nothing else) or removed");
                        });
        Comparator<FileDifference> bySize =
                Comparator.comparingLong(difference -> Math.max(difference.size(), difference.baseSize()));
        switch (sort) {
            case "path" -> {}
            case "-path" -> java.util.Collections.reverse(wanted);
            case "size" -> wanted.sort(bySize);
            case "-size" -> wanted.sort(bySize.reversed());
            default ->
                throw EngineException.invalidParameter(
                        "invalid sort key '" + sort + "': the keys are path and size, - before one for descending");
        }
        return Offset.slice(wanted, limit, after);
    }
}
