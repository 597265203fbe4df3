package dev.capas.layer;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.tar.Extracted;
import dev.capas.layer.tar.Extraction;
import dev.capas.layer.tar.Journal;
import dev.capas.linux.Processes;
import dev.capas.linux.TreeUsage;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The layer store on disk, with its rows in the database. A directory without a row is garbage, and so is a row that nothing refers to. */
@Component
class DiskLayerStore implements LayerStore, AutoCloseable {
    private static final int LOCKS = 64;
    private static final long SYNC_AFTER_SECONDS = 3;
    private static final long COLLECT_AFTER_MILLIS = 100;
    private static final int SYNC_AT_LEAST_EVERY = 100;
    private static final System.Logger LOG = System.getLogger(DiskLayerStore.class.getName());

    private final LayerFiles files;
    private final RootFilesystems roots;
    private final InitLayers initLayers;
    private final LayerRows layers;
    private final LeaseRows leases;
    private final LayerReferences references;
    private final TransactionTemplate transaction;
    private final List<ReentrantLock> locks =
            IntStream.range(0, LOCKS).mapToObj(i -> new ReentrantLock()).toList();
    private final ExecutorService workers = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("layers-", 0).factory());
    /** Only a start finds damage, so that nobody has to ask the database for it; only a layer that comes again mends it. */
    private final Set<Digest> damaged = ConcurrentHashMap.newKeySet();

    /** What containers that went stood on. */
    private final Set<String> released = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean collecting = new AtomicBoolean();
    private final AtomicLong additions = new AtomicLong();
    private volatile long synced;
    private final String bootId;
    private final boolean privileged = Processes.effectiveUser() == 0;

    DiskLayerStore(
            LayerFiles files,
            RootFilesystems roots,
            InitLayers initLayers,
            LayerRows layers,
            LeaseRows leases,
            LayerReferences references,
            TransactionTemplate transaction)
            throws IOException {
        this.files = files;
        this.roots = roots;
        this.initLayers = initLayers;
        this.layers = layers;
        this.leases = leases;
        this.references = references;
        this.transaction = transaction;
        this.bootId = Processes.bootId();
        recover();
    }

    @Override
    public Lease lease(String purpose) {
        String id = UUID.randomUUID().toString();
        leases.save(new LeaseRow(id, purpose, Instant.now().truncatedTo(ChronoUnit.MICROS)));
        return new DiskLease(id, () -> end(id));
    }

    @Override
    public Layer add(InputStream tar, @Nullable Digest expected, @Nullable Long compressedSize, Lease lease)
            throws IOException {
        Path staging = files.newStaging();
        try {
            Extracted extracted = Extraction.extract(files.freeSpace().metered(tar, staging), staging, privileged);
            if (expected != null && !extracted.diffId().equals(expected)) {
                throw EngineException.invalidParameter(
                        "invalid diffID: expected \"" + expected + "\", got \"" + extracted.diffId() + "\"");
            }
            Layer layer = new Layer(
                    extracted.diffId(),
                    extracted.size(),
                    TreeUsage.of(staging).allocated(),
                    extracted.tarSize(),
                    compressedSize,
                    extracted.files(),
                    Instant.now().truncatedTo(ChronoUnit.MICROS),
                    null);
            return appear(staging, layer, lease);
        } finally {
            files.discard(staging);
        }
    }

    @Override
    public Optional<Layer> find(Digest diffId) {
        return layers.findById(diffId.hex()).map(LayerRow::layer);
    }

    @Override
    public List<Layer> findAll(Collection<Digest> diffIds) {
        return layers.findAllById(hex(diffIds)).stream().map(LayerRow::layer).toList();
    }

    @Override
    public Map<Digest, Long> sizes(Collection<Digest> diffIds) {
        return references.sizes(diffIds);
    }

    @Override
    public List<Layer> all() {
        return layers.findAll().stream().map(LayerRow::layer).toList();
    }

    @Override
    public LayerHoldings holdings() {
        LayerHoldings holdings = new LayerHoldings(all());
        references.forEach(holdings::add);
        return holdings;
    }

    @Override
    public List<Layer> damaged() {
        return layers.damaged().stream().map(LayerRow::layer).toList();
    }

    /** Refuses to use layers that are damaged. */
    void requireWhole(Collection<Digest> diffIds) {
        diffIds.stream().filter(damaged::contains).findFirst().ifPresent(diffId -> {
            throw EngineException.system(
                    "layer " + diffId + " is damaged: pull or load an image that has it again", null);
        });
    }

    @Override
    public boolean hold(Digest diffId, Lease lease) {
        return Boolean.TRUE.equals(transaction.execute(status -> holdNow(diffId.hex(), lease.id())));
    }

    @Override
    public void lockForReference(Collection<Digest> diffIds) {
        Set<String> wanted = new HashSet<>(hex(diffIds));
        if (wanted.isEmpty()) {
            return;
        }
        references.lock(wanted).forEach(wanted::remove);
        if (!wanted.isEmpty()) {
            throw EngineException.system(
                    "layer does not exist: sha256:" + wanted.iterator().next(), null);
        }
    }

    @Override
    public List<Layer> collect(Collection<Digest> candidates) {
        List<Layer> gone = new ArrayList<>();
        for (Digest diffId : new HashSet<>(candidates)) {
            collect(diffId).ifPresent(gone::add);
        }
        return gone;
    }

    @Override
    public void writeTar(Digest diffId, OutputStream out) throws IOException {
        requireWhole(List.of(diffId));
        Journal.writeTar(files.layer(diffId), out);
    }

    @Override
    public ReadWriteLayer createReadWriteLayer(String containerId, Path directory, List<Digest> stack)
            throws IOException {
        requireWhole(stack);
        files.freeSpace().require(directory);
        DiskReadWriteLayer layer = DiskReadWriteLayer.empty(this, containerId, directory, stack);
        layer.makeDirectories();
        String relative = files.dataRoot().relativize(directory).toString();
        transaction.executeWithoutResult(status -> {
            lockForReference(stack);
            references.insert(
                    containerId, relative, stack.stream().map(Digest::hex).toList());
        });
        return layer;
    }

    @Override
    public void hold(String containerId, Collection<Digest> diffIds) {
        transaction.executeWithoutResult(status -> {
            lockForReference(diffIds);
            references.hold(containerId, hex(diffIds));
        });
    }

    @Override
    public void mountReadOnly(List<Digest> stack, Path target) throws IOException {
        requireWhole(stack);
        List<Path> lowers = new ArrayList<>(trees(stack));
        // an overlay without an upper directory has two others at least
        lowers.addLast(Files.createDirectories(files.dataRoot().resolve("layers/empty")));
        roots.mount(lowers, target);
    }

    @Override
    public Map<String, ReadWriteLayer> readWriteLayers() {
        return references.readWriteLayers().stream()
                .map(found -> new DiskReadWriteLayer(
                        this,
                        found.container(),
                        files.dataRoot().resolve(found.directory()),
                        found.stack(),
                        found.usage()))
                .collect(Collectors.toMap(DiskReadWriteLayer::container, layer -> layer));
    }

    @Override
    public Optional<String> unavailable() {
        return roots.unavailable();
    }

    @Override
    public void close() {
        if (synced != additions.get()) {
            sync();
        }
        workers.shutdown();
    }

    LayerFiles files() {
        return files;
    }

    RootFilesystems roots() {
        return roots;
    }

    ExecutorService workers() {
        return workers;
    }

    /** The distinct trees of a stack, the topmost first, each at its topmost place. */
    List<Path> trees(List<Digest> stack) {
        return stack.reversed().stream().distinct().map(files::tree).toList();
    }

    /** The init layer for a stack, bottom first. */
    Path initLayer(List<Digest> stack) throws IOException {
        Digest chain = stack.isEmpty()
                ? Digest.ofContent(new byte[0])
                : stack.stream().reduce(Digest::chain).orElseThrow();
        return initLayers.of(chain, trees(stack));
    }

    void remember(String container, @Nullable TreeUsage usage) {
        references.remember(container, usage);
    }

    /** Removes the rows of a read-write layer, and after that, in the background, the layers that it alone referred to. */
    void forget(String container, List<Digest> stack) {
        transaction.executeWithoutResult(status -> {
            references.delete(container);
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    collectSoon(stack);
                }
            });
        });
    }

    /** A little later, for all that came together until then. */
    private void collectSoon(List<Digest> stack) {
        released.addAll(hex(stack));
        if (!stack.isEmpty() && collecting.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(COLLECT_AFTER_MILLIS, TimeUnit.MILLISECONDS, workers)
                    .execute(this::collectReleased);
        }
    }

    private void collectReleased() {
        collecting.set(false);
        List<String> candidates = List.copyOf(released);
        candidates.forEach(released::remove);
        if (!candidates.isEmpty()) {
            collect(layers.unreferencedAmong(candidates).stream()
                    .map(Digest::new)
                    .toList());
        }
    }

    private Layer appear(Path staging, Layer layer, Lease lease) throws IOException {
        Digest diffId = layer.diffId();
        ReentrantLock lock = lock(diffId);
        lock.lock();
        try {
            if (hold(diffId, lease)) {
                Long compressed = layer.compressedSize();
                if (compressed != null) {
                    transaction.executeWithoutResult(status -> layers.setCompressedSize(diffId.hex(), compressed));
                }
                return find(diffId).orElseThrow();
            }
            Path directory = files.layer(diffId);
            files.discard(directory);
            Files.move(staging, directory, StandardCopyOption.ATOMIC_MOVE);
            try {
                transaction.executeWithoutResult(status -> {
                    if (layers.mend(diffId.hex(), bootId) == 0) {
                        layers.saveAndFlush(new LayerRow(layer, bootId));
                    }
                    leases.hold(lease.id(), diffId.hex());
                });
            } catch (RuntimeException e) {
                files.discard(directory);
                throw e;
            }
            damaged.remove(diffId);
        } finally {
            lock.unlock();
        }
        syncLater();
        return layer;
    }

    private boolean holdNow(String diffId, String lease) {
        if (references.lock(List.of(diffId)).isEmpty() || damaged.contains(new Digest(diffId))) {
            return false;
        }
        if (leases.holding(lease, diffId) == 0) {
            leases.hold(lease, diffId);
        }
        return true;
    }

    private void end(String lease) {
        List<String> held = transaction.execute(status -> {
            List<String> ids = leases.layers(lease);
            leases.release(lease);
            leases.end(lease);
            return ids;
        });
        collect(held == null ? List.of() : held.stream().map(Digest::new).toList());
    }

    private Optional<Layer> collect(Digest diffId) {
        ReentrantLock lock = lock(diffId);
        lock.lock();
        try {
            Optional<Layer> gone = find(diffId);
            if (gone.isEmpty() || !Boolean.TRUE.equals(transaction.execute(status -> removeRow(diffId.hex())))) {
                return Optional.empty();
            }
            damaged.remove(diffId);
            files.discard(files.layer(diffId));
            return gone;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the directory of layer " + diffId + " is left to the next start", e);
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private boolean removeRow(String diffId) {
        if (references.lock(List.of(diffId)).isEmpty() || layers.references(diffId) > 0) {
            return false;
        }
        layers.remove(diffId);
        return true;
    }

    /** Once nothing was added for a while: a sync beside an extraction slows it down to half, and only a power cut asks for one. */
    private void syncLater() {
        long addition = additions.incrementAndGet();
        CompletableFuture.delayedExecutor(SYNC_AFTER_SECONDS, TimeUnit.SECONDS, workers)
                .execute(() -> {
                    if (addition == additions.get() || addition % SYNC_AT_LEAST_EVERY == 0) {
                        sync();
                    }
                });
    }

    private synchronized void sync() {
        long upTo = additions.get();
        try {
            List<String> unsynced = layers.unsynced();
            if (!unsynced.isEmpty()) {
                files.sync();
                references.weighed(unsynced.stream().collect(Collectors.toMap(id -> id, this::allocated)));
                transaction.executeWithoutResult(status -> layers.setSynced(references.lock(unsynced)));
            }
            synced = upTo;
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "layers are not synced yet", e);
        }
    }

    /** What a layer weighs on the disk, which is certain only once it is there; 0 where it is gone. */
    private long allocated(String diffId) {
        try {
            return TreeUsage.of(files.layer(new Digest(diffId))).allocated();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Ends the leases of the run before, removes what it left half done, and verifies what a power cut may have taken. */
    private void recover() throws IOException {
        transaction.executeWithoutResult(status -> {
            leases.releaseAll();
            leases.deleteAllInBatch();
        });
        files.clean();
        Set<String> rows = new HashSet<>(layers.ids());
        for (String name : files.names()) {
            if (!rows.contains(name)) {
                files.discard(files.layer(new Digest(name)));
            }
        }
        collect(layers.unreferenced().stream().map(Digest::new).toList());
        for (String id : layers.unsyncedOfOtherBoot(bootId)) {
            Optional<String> damage = LayerVerification.damage(files.layer(new Digest(id)), new Digest(id));
            damage.ifPresent(found -> LOG.log(
                    System.Logger.Level.ERROR,
                    "layer sha256:" + id + " of the images " + layers.images(id) + " is damaged: " + found));
            transaction.executeWithoutResult(status -> layers.setDamaged(id, damage.orElse(null)));
        }
        layers.damaged().forEach(row -> damaged.add(row.layer().diffId()));
        workers.execute(this::sync);
    }

    private ReentrantLock lock(Digest diffId) {
        return locks.get(Math.floorMod(diffId.hashCode(), LOCKS));
    }

    private static List<String> hex(Collection<Digest> diffIds) {
        return diffIds.stream().map(Digest::hex).distinct().toList();
    }
}
