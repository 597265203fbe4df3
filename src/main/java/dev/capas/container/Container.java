package dev.capas.container;

import dev.capas.layer.ReadWriteLayer;
import dev.capas.oci.Digest;
import dev.capas.runtime.StreamHub;
import dev.capas.runtime.Task;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A container of this engine. What may change is read as it is at the moment; only {@link Lifecycle} and its companions in this
 * package change it, while they hold {@link #lock()}.
 */
public final class Container {
    private final String id;
    private final Instant created;
    private final Digest imageId;
    private final ContainerConfig config;
    private final List<MountPoint> mounts;
    private final Path directory;
    private final ReadWriteLayer readWriteLayer;
    private final StreamHub hub;
    private final ReentrantLock lock = new ReentrantLock();
    private final CompletableFuture<Ending> removed = new CompletableFuture<>();

    private volatile String name;
    private volatile HostConfig hostConfig;
    private volatile State state = State.CREATED;
    private volatile ContainerNetworks networks = ContainerNetworks.NONE;
    private volatile ContainerNetworks savedNetworks = ContainerNetworks.NONE;
    private volatile int restartCount;
    private volatile boolean stoppedByHand;
    private volatile boolean restartsOff;
    private volatile Duration restartPause = Duration.ZERO;
    private volatile @Nullable Health health;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private volatile @Nullable Task task;
    private volatile CompletableFuture<Ending> nextExit = new CompletableFuture<>();

    /** What clients that wait are told: the exit code, and what went wrong or null. */
    public record Ending(int exitCode, @Nullable String error) {}

    /** What of a container never changes. */
    record Identity(
            String id,
            Instant created,
            Digest imageId,
            ContainerConfig config,
            List<MountPoint> mounts,
            Path directory) {}

    Container(Identity identity, String name, HostConfig hostConfig, ReadWriteLayer readWriteLayer, StreamHub hub) {
        this.id = identity.id();
        this.created = identity.created();
        this.imageId = identity.imageId();
        this.config = identity.config();
        this.mounts = List.copyOf(identity.mounts());
        this.directory = identity.directory();
        this.name = name;
        this.hostConfig = hostConfig;
        this.readWriteLayer = readWriteLayer;
        this.hub = hub;
    }

    /** Its 64 hexadecimal digits. */
    public String id() {
        return id;
    }

    /** The first twelve digits of its ID. */
    public String shortId() {
        return id.substring(0, 12);
    }

    /** Its name, without the slash that the Engine API puts before it. */
    public String name() {
        return name;
    }

    /** When it was created. */
    public Instant created() {
        return created;
    }

    /** The image it was created from; it may be gone by now. */
    public Digest imageId() {
        return imageId;
    }

    /** The image as its creator named it. */
    public String image() {
        return config.image();
    }

    /** What it is, with what its image says merged in. */
    public ContainerConfig config() {
        return config;
    }

    /** What it asks of its host, with Docker's defaults in place. */
    public HostConfig hostConfig() {
        return hostConfig;
    }

    /** Its bind mounts, volumes and {@code Mounts} of type tmpfs, in the order of their destinations; not the entries of {@code Tmpfs}. */
    public List<MountPoint> mounts() {
        return mounts;
    }

    /** The names of its volumes. */
    java.util.Set<String> volumes() {
        return mounts.stream()
                .filter(MountPoint::isVolume)
                .map(point -> String.valueOf(point.name()))
                .collect(java.util.stream.Collectors.toCollection(java.util.TreeSet::new));
    }

    /** {@code containers/<id>} below the data root. */
    public Path directory() {
        return directory;
    }

    /** The state it is in at this moment. */
    public State state() {
        return state;
    }

    /** When it last ended, was started or was made, whichever was the latest. */
    public Instant lastUsed() {
        State now = state();
        return Stream.of(created(), now.startedAt(), now.finishedAt())
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** Its networks as they are at this moment. */
    ContainerNetworks networks() {
        return networks;
    }

    void setNetworks(ContainerNetworks networks) {
        this.networks = networks;
    }

    /** Whether its networks are not what its row says. */
    boolean networksChanged() {
        return networks != savedNetworks;
    }

    /** Says that its row has these. */
    void networksSaved(ContainerNetworks saved) {
        this.savedNetworks = saved;
    }

    /** How often the restart policy has started it since a client did. */
    public int restartCount() {
        return restartCount;
    }

    /** Whether a client stopped it, which the policy {@code unless-stopped} asks. */
    boolean stoppedByHand() {
        return stoppedByHand;
    }

    /** Whether its restart policy rests until a client starts it. */
    boolean restartsOff() {
        return restartsOff;
    }

    /** The pause before the latest start by its restart policy; zero before the first. */
    Duration restartPause() {
        return restartPause;
    }

    /** What is known of its health; null where it was never probed. */
    public @Nullable Health health() {
        return health;
    }

    /** Says that a client waits for its end, which is then told as a stop before it is told as the end. */
    void beginStop() {
        stopping.set(true);
    }

    /** Whether such a stop is still to be told; the first to ask tells it. */
    boolean endStop() {
        return stopping.getAndSet(false);
    }

    /** Its processes, while it has some. */
    public Optional<Task> task() {
        return Optional.ofNullable(task);
    }

    /** Its streams, the same ones over all its starts. */
    public StreamHub hub() {
        return hub;
    }

    /** What it has written. */
    public ReadWriteLayer readWriteLayer() {
        return readWriteLayer;
    }

    /** The k8s-file that conmon writes; null where nothing is logged. */
    public @Nullable Path logPath() {
        return hostConfig.logConfig().type().equals("none") ? null : directory.resolve("log");
    }

    /** Held by whoever changes it. */
    public ReentrantLock lock() {
        return lock;
    }

    /** Completes at the next exit from now on. */
    public CompletableFuture<Ending> nextExit() {
        return nextExit;
    }

    /** Completes once it is removed. */
    public CompletableFuture<Ending> removed() {
        return removed;
    }

    void setName(String name) {
        this.name = name;
    }

    void setHostConfig(HostConfig hostConfig) {
        this.hostConfig = hostConfig;
    }

    void setState(State state) {
        this.state = state;
    }

    void setRestartCount(int restartCount) {
        this.restartCount = restartCount;
    }

    void setStoppedByHand(boolean stoppedByHand) {
        this.stoppedByHand = stoppedByHand;
    }

    void setRestartsOff(boolean restartsOff) {
        this.restartsOff = restartsOff;
    }

    void setRestartPause(Duration restartPause) {
        this.restartPause = restartPause;
    }

    void setHealth(@Nullable Health health) {
        this.health = health;
    }

    void setTask(@Nullable Task task) {
        this.task = task;
    }

    /** Tells those who wait for the exit. */
    void tellExit(Ending ending) {
        CompletableFuture<Ending> told = nextExit;
        nextExit = new CompletableFuture<>();
        told.complete(ending);
    }

    @Override
    public String toString() {
        return id;
    }
}
