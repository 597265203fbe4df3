package dev.capas.layer;

import dev.capas.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The one door of the layer store. Every method is safe for use by several threads, and a SIGKILL within any leaves the old or the new state. */
public interface LayerStore {
    /** Opens a lease; the purpose is for people who read the table. */
    Lease lease(String purpose);

    /**
     * Adds the layer whose uncompressed tar the stream gives, and holds it by the lease. Where the layer is here already the
     * tar is read and verified all the same, and the tree that is here stays.
     *
     * @param expected the DiffID it must have, or null to take what it is
     * @param compressedSize the length of the blob it came as in bytes, or null where it came uncompressed
     * @throws dev.capas.errdefs.EngineException if the archive is refused or has another digest; nothing is left then
     */
    Layer add(InputStream tar, @Nullable Digest expected, @Nullable Long compressedSize, Lease lease)
            throws IOException;

    /** The layer, where it is here. */
    Optional<Layer> find(Digest diffId);

    /** The layers of these that are here, in no particular order, by one query. */
    List<Layer> findAll(Collection<Digest> diffIds);

    /** The sizes in bytes of these that are here, by one statement. */
    Map<Digest, Long> sizes(Collection<Digest> diffIds);

    /** Every layer, in no particular order, by one query: {@code LayersSize} of {@code system df} is the sum of their sizes. */
    List<Layer> all();

    /** Those that a power cut has damaged; nothing can be run on them. */
    List<Layer> damaged();

    /** All layers with all that hold them, by two queries. */
    LayerHoldings holdings();

    /** Holds a layer that is here by the lease; false where it is not here, or is damaged and must be added again. */
    boolean hold(Digest diffId, Lease lease);

    /**
     * Locks the rows of these layers until the current transaction ends, so that rows which refer to them can be inserted in it.
     *
     * @throws dev.capas.errdefs.EngineException if one of them is not here
     */
    void lockForReference(Collection<Digest> diffIds);

    /** Removes those of the candidates that no image, container or lease refers to; returns the removed ones. Not to be called within a transaction. */
    List<Layer> collect(Collection<Digest> candidates);

    /**
     * Writes the exact tar of the layer, the one whose SHA-256 is the DiffID.
     *
     * @throws dev.capas.errdefs.EngineException if the layer is damaged
     */
    void writeTar(Digest diffId, OutputStream out) throws IOException;

    /**
     * Makes the read-write layer of a container on this stack (bottom first), with its rows in {@code container_layer}, and the
     * init layer of the stack where it is the first one. Joins the transaction that runs, if one does.
     *
     * @throws dev.capas.errdefs.EngineException if a layer of the stack is damaged or not here
     * @param directory {@code containers/<id>}, which exists
     */
    ReadWriteLayer createReadWriteLayer(String containerId, Path directory, List<Digest> stack) throws IOException;

    /** Has a container, which has its read-write layer already, hold more layers for as long as it has that. Joins the transaction that runs. */
    void hold(String containerId, Collection<Digest> diffIds);

    /**
     * Shows a stack (bottom first) at the target, an empty directory, for reading. The caller unmounts it.
     *
     * @throws dev.capas.errdefs.EngineException if a layer of the stack is damaged
     */
    void mountReadOnly(List<Digest> stack, Path target) throws IOException;

    /** The read-write layers of all containers that an earlier run of the daemon made, by the containers' IDs. */
    Map<String, ReadWriteLayer> readWriteLayers();

    /** Why containers cannot have a root filesystem here, in words for {@code Warnings} of {@code /info}; empty where they can. */
    Optional<String> unavailable();
}
