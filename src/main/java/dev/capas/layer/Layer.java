package dev.capas.layer;

import dev.capas.oci.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A read-only layer of the store.
 *
 * @param diffId the digest of its uncompressed tar, its key
 * @param size the apparent bytes: the sum over the non-directories of its tree, each inode once
 * @param diskUsage the allocated bytes of tree, journal and saved payloads
 * @param tarSize the length of the uncompressed tar in bytes
 * @param compressedSize the length of the compressed blob in bytes, where one was ever seen
 * @param files how many entries its index has
 * @param created when the store got it
 * @param damaged what is wrong with it, where verification found something
 */
public record Layer(
        Digest diffId,
        long size,
        long diskUsage,
        long tarSize,
        @Nullable Long compressedSize,
        long files,
        Instant created,
        @Nullable String damaged) {}
