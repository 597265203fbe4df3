package dev.capas.usage;

import dev.capas.layer.index.Inode;
import dev.capas.layer.index.Node;

/**
 * A file or directory in a list.
 *
 * @param path where it lies
 * @param inode what it is
 * @param size of a directory the bytes of all below it, each inode once
 * @param files how many names that are no directories lie below it; 1 where it is none
 */
public record ListedFile(FilePath path, Inode inode, long size, long files) {
    static ListedFile of(Node node) {
        return new ListedFile(FilePath.of(node.path()), node.inode(), node.size(), node.files());
    }

    /** Where a symbolic link leads. */
    public FilePath target() {
        FilePath target = FilePath.of(inode.target());
        String encoded = target.encoded();
        return new FilePath(target.text().substring(1), encoded == null ? null : encoded.substring(1));
    }
}
