package dev.capas.image;

import dev.capas.oci.Digest;
import dev.capas.oci.Reference;

/** What a deletion did, one step of it. */
public sealed interface Removal {
    /** A name was taken from an image. */
    record Untagged(Reference name) implements Removal {}

    /** An image is gone, by its ID, or a layer, by the ChainID that it had in the image. */
    record Deleted(Digest id) implements Removal {}
}
