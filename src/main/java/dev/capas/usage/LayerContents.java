package dev.capas.usage;

import dev.capas.layer.index.FileType;
import dev.capas.layer.index.Inode;
import dev.capas.layer.index.LayerTree;
import dev.capas.layer.index.Node;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * What stands out in a layer.
 *
 * @param largestFiles the largest first; a file with several names once
 * @param whiteouts what it takes away from the layers below, by path
 */
public record LayerContents(List<LargeFile> largestFiles, List<Whiteout> whiteouts) {
    /** How many files are named. */
    private static final int LARGEST = 20;

    /**
     * A file.
     *
     * @param path absolute; bytes that are no UTF-8 are replaced
     * @param size apparent bytes
     */
    public record LargeFile(String path, long size) {}

    /**
     * A mark that hides something below.
     *
     * @param path absolute; bytes that are no UTF-8 are replaced
     * @param opaque whether it is a directory that hides all that lower layers have in it, else the path itself is gone
     */
    public record Whiteout(String path, boolean opaque) {}

    static LayerContents of(LayerTree tree) {
        Comparator<Node> bySize = Comparator.comparing(node -> node.inode().size());
        PriorityQueue<Node> largest = new PriorityQueue<>(LARGEST + 1, bySize);
        List<Whiteout> whiteouts = new ArrayList<>();
        Set<Inode> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        tree.root().visit(node -> {
            if (node.opaque() || node.inode().type() == FileType.WHITEOUT) {
                whiteouts.add(new Whiteout(path(node.path()), node.opaque()));
            } else if (node.inode().type() == FileType.REGULAR && seen.add(node.inode())) {
                largest.add(node);
                if (largest.size() > LARGEST) {
                    largest.remove();
                }
            }
        });
        whiteouts.sort(Comparator.comparing(Whiteout::path));
        return new LayerContents(
                largest.stream()
                        .map(node ->
                                new LargeFile(path(node.path()), node.inode().size()))
                        .sorted(Comparator.comparing(LargeFile::size).reversed().thenComparing(LargeFile::path))
                        .toList(),
                whiteouts);
    }

    /** Each character of a path in a tree is a byte. */
    private static String path(String bytes) {
        return "/" + new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
