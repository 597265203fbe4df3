package dev.capas.layer;

/**
 * What keeps a layer in the store.
 *
 * @param id the hexadecimal digits of an image, the ID of a container, or that of a lease
 */
public record LayerHolder(Kind kind, String id) {
    /** A lease is held by a pull, a load or a commit that is not at its end. */
    public enum Kind {
        IMAGE,
        CONTAINER,
        LEASE
    }
}
