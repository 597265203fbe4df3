package dev.capas.image;

import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;

/**
 * An image that a registry has and nobody has pulled.
 *
 * @param id the digest of its configuration
 * @param config its configuration
 * @param compressedSizes the bytes of its layers' blobs, bottom first
 */
public record RemoteImage(Digest id, ImageConfig config, java.util.List<Long> compressedSizes) {}
