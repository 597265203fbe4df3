package dev.capas.layer.tar;

import org.jspecify.annotations.Nullable;

/**
 * A line of a layer's file index.
 *
 * @param path where the entry lies in the tree, raw bytes without a leading slash; empty for what makes nothing there
 * @param type what it is
 * @param mode the permission bits with setuid, setgid and sticky
 * @param uid the owner
 * @param gid the group
 * @param size what it adds to the layer's size in bytes: the apparent length of a regular file, the length of a symlink's target
 * @param content the SHA-256 of a regular file's content, else null
 */
public record IndexEntry(byte[] path, Type type, int mode, long uid, long gid, long size, byte @Nullable [] content) {
    /** What an entry makes of its path. */
    public enum Type {
        REGULAR,
        HARD_LINK,
        SYMLINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        DIRECTORY,
        FIFO,
        WHITEOUT,
        OPAQUE,
        NOTHING
    }
}
