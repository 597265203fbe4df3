package dev.capas.layer.index;

/**
 * Bytes that a stack has and nobody sees: a file of a lower layer, none of whose names is left.
 *
 * @param path the last of its names that went, without a leading slash, each byte a character
 * @param inode the file; {@link Inode#layer()} says where its bytes are
 * @param by the layer that hides it
 */
public record Hidden(String path, Inode inode, String by) {}
