package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.runtime.ContainerRuntime;
import dev.capas.runtime.Exit;
import dev.capas.runtime.ProcessIdentity;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;

/**
 * Takes over the containers of an earlier run of the daemon, before the first client is served: those that run are adopted, those
 * that ended meanwhile are recorded, and what was half made or half removed goes.
 */
@Component
class Recovery implements SmartInitializingSingleton {
    private static final Logger log = LoggerFactory.getLogger(Recovery.class);

    /** What dockerd records where nobody knows how a container ended. */
    private static final int UNKNOWN_EXIT = 255;

    private final Containers containers;
    private final ContainerStore store;
    private final ContainerRuntime runtime;
    private final Removal removal;
    private final Restarting restarting;
    private final HealthMonitor health;
    private final ContainerNetworking networking;
    private final Run run;
    private final ContainerMounts mounts;

    Recovery(
            Containers containers,
            ContainerStore store,
            ContainerRuntime runtime,
            Removal removal,
            Restarting restarting,
            HealthMonitor health,
            ContainerNetworking networking,
            Run run,
            ContainerMounts mounts) {
        this.containers = containers;
        this.store = store;
        this.runtime = runtime;
        this.removal = removal;
        this.restarting = restarting;
        this.health = health;
        this.networking = networking;
        this.run = run;
        this.mounts = mounts;
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<ContainerStore.Loaded> found = store.load();
        found.forEach(loaded -> containers.add(loaded.container()));
        Set<String> started = new HashSet<>();
        for (ContainerStore.Loaded loaded : found) {
            if (loaded.init() != null) {
                started.add(loaded.container().id());
            }
        }
        try {
            runtime.sweep(started);
            removeStrayDirectories();
        } catch (IOException e) {
            log.error("What an earlier run left cannot be removed", e);
        }
        Map<Container, Task> tasks = new LinkedHashMap<>();
        for (ContainerStore.Loaded loaded : found) {
            adopted(loaded).ifPresent(task -> tasks.put(loaded.container(), task));
        }
        try {
            networking.restore(
                    found.stream().map(ContainerStore.Loaded::container).toList(), tasks);
        } catch (IOException e) {
            log.error("The networks of an earlier run cannot be taken up", e);
        }
        for (ContainerStore.Loaded loaded : found) {
            recover(loaded.container(), Optional.ofNullable(tasks.get(loaded.container())));
        }
        try {
            mounts.recover(containers.all());
        } catch (IOException e) {
            log.error("What an earlier run has mounted on volumes cannot be taken over", e);
        }
        found.forEach(loaded -> settle(loaded.container()));
    }

    private void removeStrayDirectories() throws IOException {
        Path root = Files.createDirectories(store.directory());
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(root)) {
            for (Path directory : directories) {
                if (containers.find(directory.getFileName().toString()).isEmpty()) {
                    run.unmount(directory);
                    removal.discard(directory);
                }
            }
        }
    }

    private Optional<Task> adopted(ContainerStore.Loaded loaded) {
        ProcessIdentity init = loaded.init();
        ProcessIdentity conmon = loaded.conmon();
        return init == null || conmon == null ? Optional.empty() : adopt(loaded.container(), init, conmon);
    }

    private void recover(Container container, Optional<Task> task) {
        container.lock().lock();
        try {
            if (task.isPresent() && container.state().running()) {
                container.setTask(task.get());
                takeOver(container, task.get());
                return;
            }
            if (task.isPresent()) {
                run.discard(container, task.get());
            } else {
                run.releaseUntold(container);
            }
            networking.end(container);
            if (container.state().running() && !container.state().restarting()) {
                container.setState(
                        container.state().ended(State.Status.EXITED, UNKNOWN_EXIT, Instant.now(), false, ""));
                store.save(container);
                health.end(container);
            }
        } finally {
            container.lock().unlock();
        }
    }

    private void takeOver(Container container, Task task) {
        if (task.exit().isDone()) {
            Exit exit = task.exit().join();
            run.record(container, task, exit);
        } else {
            holdMounted(container);
            run.watch(container, task);
            run.rotateLog(container, task);
            if (!container.state().paused()) {
                health.resume(container);
            }
        }
    }

    /** It is mounted still; from now on its layer knows for whom. */
    private static void holdMounted(Container container) {
        try {
            container.readWriteLayer().mount();
        } catch (IOException e) {
            log.error("The root filesystem of container {} cannot be mounted", container.id(), e);
        }
    }

    private Optional<Task> adopt(Container container, ProcessIdentity init, ProcessIdentity conmon) {
        try {
            return runtime.adopt(Run.request(container, null, List.of()), init, conmon);
        } catch (EngineException e) {
            log.error("Container {} cannot be taken over", container.id(), e);
            return Optional.empty();
        }
    }

    /** What follows once every container's state is true again: removals go on, policies apply. */
    private void settle(Container container) {
        State.Status status = container.state().status();
        try {
            if (status == State.Status.REMOVING || status == State.Status.DEAD) {
                removal.finish(container, container.hostConfig().autoRemove());
            } else if (!container.state().running() && container.hostConfig().autoRemove()) {
                removal.remove(container, container.name(), false, true);
            } else if (container.task().isEmpty() && isToBeStarted(container)) {
                start(container);
            }
        } catch (IOException | EngineException e) {
            log.error("Container {} cannot be brought to order: {}", container.id(), e.getMessage());
        }
    }

    /** By the policy alone, whatever clients did: a container that failed and was stopped then starts, one that never ran does not. */
    private boolean isToBeStarted(Container container) {
        State state = container.state();
        return state.restarting() || state.startedAt() != null && restarting.wanted(container, state.exitCode());
    }

    private void start(Container container) {
        container.lock().lock();
        try {
            if (container.task().isEmpty()) {
                restarting.reset(container);
                run.begin(container);
            }
        } finally {
            container.lock().unlock();
        }
    }
}
