package dev.capas.layer.index;

/** What lies at a path of a layer. */
public enum FileType {
    REGULAR,
    DIRECTORY,
    SYMLINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    FIFO,
    SOCKET,
    /** Nothing, whatever lies below: only within one layer, never in a merged tree. */
    WHITEOUT
}
