package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.home.EngineHome;
import dev.capas.layer.LayerStore;
import dev.capas.linux.Directory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Removes containers. The rows go in one transaction; then the directory is renamed to the trash, and emptied where nobody waits for
 * it. A directory that a crash left without a row goes at the next start.
 */
@Component
class Removal implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(Removal.class);

    private final Containers containers;
    private final ContainerStore store;
    private final ContainerEvents events;
    private final Signalling signalling;
    private final MountPlacement placement;
    private final LayerStore layers;
    private final Path trash;
    private final ExecutorService emptying = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("container-trash").factory());

    Removal(
            Containers containers,
            ContainerStore store,
            ContainerEvents events,
            Signalling signalling,
            MountPlacement placement,
            LayerStore layers,
            EngineHome home) {
        this.containers = containers;
        this.store = store;
        this.events = events;
        this.signalling = signalling;
        this.placement = placement;
        this.layers = layers;
        this.trash = home.dataRoot().resolve("trash");
    }

    /**
     * Removes a container.
     *
     * @param name as the client said it
     * @param force whether it is killed where it runs
     * @param withVolumes whether the volumes that nobody named go too
     * @throws EngineException if it runs and must not be killed, or is being removed already (409)
     */
    void remove(Container container, String name, boolean force, boolean withVolumes) {
        begin(container, name, force);
        try {
            finish(container, withVolumes);
        } catch (IOException | RuntimeException e) {
            container.setState(container.state().with(State.Status.DEAD));
            store.save(container);
            throw EngineException.system("cannot remove container \"" + name + "\": " + e.getMessage(), e);
        }
    }

    /** Throws what {@link #remove} would refuse now. */
    static void check(Container container, String name, boolean force) {
        if (container.state().running() && !force) {
            throw EngineException.conflict("cannot remove container \"" + name + "\": " + refusal(container));
        }
        if (container.state().status() == State.Status.REMOVING) {
            throw EngineException.conflict("removal of container " + name + " is already in progress");
        }
    }

    private void begin(Container container, String name, boolean force) {
        boolean gone = false;
        while (!gone) {
            check(container, name, force);
            if (container.state().running()) {
                end(container);
            }
            container.lock().lock();
            try {
                check(container, name, true);
                gone = !container.state().running();
                if (gone) {
                    container.setState(container.state().with(State.Status.REMOVING));
                }
            } finally {
                container.lock().unlock();
            }
        }
    }

    private static String refusal(Container container) {
        return container.state().paused()
                ? "container is paused and must be unpaused first"
                : "container is " + container.state().status().text()
                        + ": stop the container before removing or force remove";
    }

    private void end(Container container) {
        if (!signalling.endRestarts(container)) {
            signalling.killAndWait(container);
        }
    }

    /** Removes what is left of a container in the state {@code removing}. */
    void finish(Container container, boolean withVolumes) throws IOException {
        container.hub().close();
        container.readWriteLayer().unmount();
        store.delete(container);
        containers.remove(container);
        discard(container.directory());
        for (MountPoint point : container.mounts()) {
            if (point.layers() != null) {
                layers.collect(point.layers());
            }
        }
        if (withVolumes) {
            placement.removeAnonymous(container.mounts());
        }
        container.setState(container.state().with(State.Status.DEAD));
        container.removed().complete(new Container.Ending(container.state().exitCode(), null));
        container.tellExit(new Container.Ending(container.state().exitCode(), null));
        events.publish(container, "destroy");
    }

    /** Takes a directory out of the way at once and empties it later. */
    void discard(Path directory) {
        try {
            Files.createDirectories(trash);
            Path target = trash.resolve("container-" + Ids.random());
            Files.move(directory, target, StandardCopyOption.ATOMIC_MOVE);
            emptying.execute(() -> empty(target));
        } catch (NoSuchFileException e) {
            log.debug("{} is gone already", directory);
        } catch (IOException e) {
            log.error("{} cannot be removed", directory, e);
        }
    }

    private void empty(Path target) {
        try (Directory parent = Directory.open(trash)) {
            parent.removeTree(target.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            log.error("{} cannot be removed", target, e);
        }
    }

    @Override
    public void destroy() {
        emptying.close();
    }
}
