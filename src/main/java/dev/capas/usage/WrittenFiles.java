package dev.capas.usage;

import dev.capas.layer.index.FileType;
import dev.capas.layer.index.Inode;
import dev.capas.layer.index.LayerTree;
import dev.capas.layer.index.MergedTree;
import dev.capas.layer.index.Node;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * What a container has written over its image.
 *
 * @param size apparent bytes of all of it (SizeRw)
 * @param copiedUp files that its image has too: changed, or copied up for a change that may be undone again
 * @param added files that its image does not have
 * @param contents the largest files, and what it hides
 */
public record WrittenFiles(long size, Sum copiedUp, Sum added, LayerContents contents) {
    /**
     * Some files.
     *
     * @param files how many names
     * @param size apparent bytes, each inode once
     */
    public record Sum(long files, long size) {
        private static final Sum NONE = new Sum(0, 0);

        private Sum plus(long bytes) {
            return new Sum(files + 1, size + bytes);
        }
    }

    /**
     * Looks at what a container has written.
     *
     * @param below what it lies on
     */
    static WrittenFiles of(long size, LayerTree written, MergedTree below) {
        Set<Inode> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        var sums = new Object() {
            Sum copiedUp = Sum.NONE;
            Sum added = Sum.NONE;
        };
        written.root().visit(node -> {
            Inode inode = node.inode();
            if (inode.isDirectory() || inode.type() == FileType.WHITEOUT) {
                return;
            }
            long bytes = seen.add(inode) ? inode.size() : 0;
            Node before = below.find(node.path());
            if (before == null || before.inode().isDirectory()) {
                sums.added = sums.added.plus(bytes);
            } else {
                sums.copiedUp = sums.copiedUp.plus(bytes);
            }
        });
        return new WrittenFiles(size, sums.copiedUp, sums.added, LayerContents.of(written));
    }
}
