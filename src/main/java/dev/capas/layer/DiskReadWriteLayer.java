package dev.capas.layer;

import dev.capas.layer.index.LayerTree;
import dev.capas.layer.tar.TreeArchive;
import dev.capas.linux.Directory;
import dev.capas.linux.TreeUsage;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A read-write layer as upper directory of an overlay. Its size is measured when nothing can write any more, and known from then on. */
final class DiskReadWriteLayer implements ReadWriteLayer {
    private static final int PIPE = 1 << 18;
    private static final long MEASURED_AFTER_MILLIS = 200;

    private final DiskLayerStore store;
    private final String container;
    private final Path directory;
    private final List<Digest> stack;
    private @Nullable TreeUsage known;
    /** Whether the row has the size too. */
    private boolean stored;

    private long writes;
    /** Whether the container wants it mounted, and how many others do for a while. */
    private boolean held;

    private int users;
    private boolean removed;

    DiskReadWriteLayer(
            DiskLayerStore store, String container, Path directory, List<Digest> stack, @Nullable TreeUsage known) {
        this.store = store;
        this.container = container;
        this.directory = directory;
        this.stack = stack;
        this.known = known;
        this.stored = known != null;
    }

    /** A new one, whose row says nothing of its size: it is measured where an engine finds it after a restart. */
    static DiskReadWriteLayer empty(DiskLayerStore store, String container, Path directory, List<Digest> stack) {
        DiskReadWriteLayer layer = new DiskReadWriteLayer(store, container, directory, stack, null);
        layer.known = TreeUsage.NONE;
        return layer;
    }

    /** Makes the three directories of a new one. */
    void makeDirectories() throws IOException {
        for (Path path : List.of(upper(), work(), mountPoint())) {
            Files.createDirectories(path);
        }
    }

    String container() {
        return container;
    }

    @Override
    public List<Digest> stack() {
        return stack;
    }

    @Override
    public List<Path> lowers() throws IOException {
        List<Path> lowers = new ArrayList<>(store.trees(stack));
        lowers.addFirst(store.initLayer(stack));
        return lowers;
    }

    @Override
    public List<LayerTree> files() throws IOException {
        return List.of(LayerTree.walk(lowers().getFirst(), INIT), LayerTree.walk(upper(), CONTAINER));
    }

    @Override
    public Path mountPoint() {
        return directory.resolve("merged");
    }

    @Override
    public Path upper() {
        return directory.resolve("upper");
    }

    @Override
    public synchronized void mount() throws IOException {
        forget();
        mountNow();
        held = true;
    }

    private void mountNow() throws IOException {
        if (!mounted()) {
            store.requireWhole(stack);
            store.roots().mount(lowers(), upper(), work(), mountPoint());
        }
    }

    @Override
    public synchronized void unmount() throws IOException {
        held = false;
        unmountUnused();
    }

    private void unmountUnused() throws IOException {
        if (!held && users == 0 && mounted()) {
            store.roots().unmount(mountPoint());
            measureLater();
        }
    }

    @Override
    public boolean mounted() {
        try (Directory outer = Directory.open(directory);
                Directory inner = Directory.open(mountPoint())) {
            return outer.stat().device() != inner.stat().device();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public long size() throws IOException {
        return usage().apparent();
    }

    @Override
    public synchronized void willBeWritten() {
        forget();
    }

    @Override
    public List<Change> changes() throws IOException {
        return Changes.of(upper(), lowers());
    }

    @Override
    public Layer commit(Lease lease) throws IOException {
        PipedInputStream in = new PipedInputStream(PIPE);
        PipedOutputStream out = new PipedOutputStream(in);
        CompletableFuture<Void> writing = CompletableFuture.runAsync(
                () -> {
                    try (out;
                            Directory tree = Directory.open(upper())) {
                        TreeArchive.write(tree, out, TreeArchive.Marks.WHITEOUTS);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                store.workers());
        try (in) {
            Layer layer = store.add(in, null, null, lease);
            writing.join();
            return layer;
        } catch (CompletionException e) {
            throw e.getCause() instanceof UncheckedIOException io ? io.getCause() : new IOException(e.getCause());
        }
    }

    @Override
    public void export(OutputStream tar) throws IOException {
        try (Use use = use();
                Directory root = Directory.open(mountPoint())) {
            TreeArchive.write(root, tar, TreeArchive.Marks.NONE);
        }
    }

    @Override
    public void remove() throws IOException {
        synchronized (this) {
            removed = true;
            if (mounted()) {
                store.roots().unmount(mountPoint());
            }
        }
        store.forget(container, stack);
    }

    private Path work() {
        return directory.resolve("work");
    }

    @Override
    public synchronized Use use() throws IOException {
        if (removed) {
            throw new NoSuchFileException(mountPoint().toString());
        }
        mountNow();
        users++;
        return this::endUse;
    }

    /** What has no upper directory is unmounted without a write to the disk. One tree alone is no overlay. */
    @Override
    public synchronized Use useBelow() throws IOException {
        List<Path> lowers = lowers();
        if (lowers.size() < 2) {
            return use();
        }
        store.requireWhole(stack);
        store.roots().mount(lowers, mountPoint());
        return () -> store.roots().unmount(mountPoint());
    }

    private synchronized void endUse() throws IOException {
        users--;
        unmountUnused();
    }

    @Override
    public TreeUsage usage() throws IOException {
        long before;
        synchronized (this) {
            if (known != null) {
                return known;
            }
            before = writes;
        }
        TreeUsage now = TreeUsage.of(upper());
        synchronized (this) {
            if (before == writes && !removed && !mounted()) {
                known = now;
                stored = true;
                store.remember(container, now);
            }
        }
        return now;
    }

    private void forget() {
        writes++;
        known = null;
        if (stored) {
            stored = false;
            store.remember(container, null);
        }
    }

    /** Not at once: many a container is removed as soon as it has stopped. */
    private void measureLater() {
        CompletableFuture.delayedExecutor(MEASURED_AFTER_MILLIS, TimeUnit.MILLISECONDS, store.workers())
                .execute(() -> {
                    try {
                        if (!isRemoved()) {
                            usage();
                        }
                    } catch (IOException e) {
                        System.getLogger(DiskReadWriteLayer.class.getName())
                                .log(System.Logger.Level.DEBUG, "not measured: " + container, e);
                    }
                });
    }

    private synchronized boolean isRemoved() {
        return removed;
    }
}
