package dev.capas.layer;

/**
 * Holds layers that no image and no container lists yet, for as long as a pull, load, commit or build lasts. A lease that a
 * dead daemon left is ended by the next start. Closing it twice is harmless; what it alone held is collected then.
 */
public interface Lease extends AutoCloseable {
    /** The random name of the lease, the key of its row. */
    String id();

    @Override
    void close();
}
