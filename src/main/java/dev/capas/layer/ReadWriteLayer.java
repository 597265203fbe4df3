package dev.capas.layer;

import dev.capas.linux.TreeUsage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/** The thin writable layer of one container, over a stack of read-only ones. Safe for use by several threads. */
public interface ReadWriteLayer {
    /** The layers below it, bottom first, each as often as its image lists it. */
    java.util.List<dev.capas.oci.Digest> stack();

    /** The directories below it as they are mounted, top first: the init layer, then each distinct layer. */
    java.util.List<Path> lowers() throws IOException;

    /** Where the merged tree is seen while it is mounted: {@code containers/<id>/merged}. */
    Path mountPoint();

    /** The upper directory of the overlay: {@code containers/<id>/upper}. */
    Path upper();

    /** Mounts the merged tree; does nothing where it is mounted already. */
    void mount() throws IOException;

    /** Unmounts the merged tree; does nothing where it is not mounted. A background measurement of the size starts after it. */
    void unmount() throws IOException;

    /** Keeps the merged tree mounted for a while, beside the container and others; it need not be mounted before. */
    Use use() throws IOException;

    /** Shows what lies below it, and nothing that it holds, at the mount point of a layer that nobody mounts meanwhile. */
    Use useBelow() throws IOException;

    /** What ends with {@link #close}. */
    interface Use extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    /** Whether the merged tree is mounted now. */
    boolean mounted();

    /** SizeRw in bytes: what is stored where nothing wrote since the last measurement, else measured now. */
    long size() throws IOException;

    /** The same with what the file system gave it. */
    TreeUsage usage() throws IOException;

    /** Says that the engine itself is about to write to the merged tree, in a {@link #use}: the stored size no longer holds. */
    void willBeWritten();

    /** What differs from the merged stack below, in the order of the paths' bytes (the order of dockerd 28). */
    java.util.List<Change> changes() throws IOException;

    /** What {@link #files} says that the files of the init layer come from. */
    String INIT = "init";

    /** What {@link #files} says that the container's own files come from. */
    String CONTAINER = "container";

    /** What lies above the layers of its stack: the init layer, then its own, which is looked at as it is now. */
    java.util.List<dev.capas.layer.index.LayerTree> files() throws IOException;

    /** Makes a read-only layer of what it holds now, held by the lease. Twice the same content gives the same DiffID. */
    Layer commit(Lease lease) throws IOException;

    /** Writes the merged tree as a tar ({@code docker export}), mounting it for as long as that lasts where it is not. */
    void export(OutputStream tar) throws IOException;

    /**
     * Unmounts it and removes its rows, in the transaction that runs; the directories are the caller's to remove. The layers that it alone
     * referred to go in the background.
     */
    void remove() throws IOException;
}
