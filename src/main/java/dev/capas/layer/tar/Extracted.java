package dev.capas.layer.tar;

import dev.capas.oci.Digest;

/**
 * What an extraction found.
 *
 * @param diffId the digest of the uncompressed tar, up to its very end
 * @param tarSize the length of the uncompressed tar in bytes
 * @param size the layer's size: the apparent bytes of all non-directories of the tree, each inode once
 * @param files how many entries the archive has
 */
public record Extracted(Digest diffId, long tarSize, long size, long files) {}
