package dev.capas.container;

import dev.capas.container.spec.Bundles;
import dev.capas.container.spec.Joined;
import dev.capas.container.spec.Neighbour;
import dev.capas.container.spec.SpecRequest;
import dev.capas.errdefs.EngineException;
import dev.capas.home.EngineHome;
import dev.capas.layer.LayerStore;
import dev.capas.linux.Mounts;
import dev.capas.runtime.ContainerRuntime;
import dev.capas.runtime.Exit;
import dev.capas.runtime.RuntimeFailure;
import dev.capas.runtime.Task;
import dev.capas.runtime.TaskRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** One run of a container, from its start to what follows its end. */
@Component
class Run {
    private static final Logger log = LoggerFactory.getLogger(Run.class);
    private static final int START_FAILED = 128;

    private final Containers containers;
    private final ContainerStore store;
    private final ContainerEvents events;
    private final Removal removal;
    private final Restarting restarting;
    private final HealthMonitor health;
    private final Bundles bundles;
    private final ContainerMounts mounts;
    private final LayerStore layers;
    private final ContainerRuntime runtime;
    private final ContainerNetworking networking;
    private final EngineHome home;

    Run(
            Containers containers,
            ContainerStore store,
            ContainerEvents events,
            Removal removal,
            Restarting restarting,
            HealthMonitor health,
            Bundles bundles,
            ContainerMounts mounts,
            LayerStore layers,
            ContainerRuntime runtime,
            ContainerNetworking networking,
            EngineHome home) {
        this.containers = containers;
        this.store = store;
        this.events = events;
        this.removal = removal;
        this.restarting = restarting;
        this.health = health;
        this.bundles = bundles;
        this.mounts = mounts;
        this.layers = layers;
        this.runtime = runtime;
        this.networking = networking;
        this.home = home;
    }

    /**
     * Starts a container that does not run. Its lock is held by the caller.
     *
     * @throws EngineException in dockerd's words; nothing is left mounted or running then, and the state says what went wrong
     */
    void begin(Container container) {
        layers.unavailable().or(runtime::unavailable).ifPresent(reason -> {
            throw EngineException.unavailable(reason);
        });
        runtime.expectStart();
        try {
            Task task = create(container);
            container.setTask(task);
            State started = container.state().started(task.init().pid(), Instant.now());
            networking.await(container);
            store.save(container, started);
            task.start();
            container.setState(started);
            health.begin(container);
            events.publish(container, "start");
            watch(container, task);
            rotateLog(container, task);
        } catch (RuntimeFailure e) {
            fail(container, e.exitCode(), e.getMessage());
            throw e.exitCode() == START_FAILED
                    ? EngineException.system(e.getMessage(), e)
                    : EngineException.invalidParameter(e.getMessage());
        } catch (EngineException e) {
            int before = container.state().exitCode();
            fail(container, before == 0 ? START_FAILED : before, e.getMessage());
            throw e;
        } catch (IOException e) {
            fail(container, START_FAILED, Objects.toString(e.getMessage(), ""));
            throw EngineException.system(e.getMessage(), e);
        } catch (RuntimeException e) {
            // the database, which may fail again in here; mounts and processes are gone by then
            fail(container, START_FAILED, Objects.toString(e.getMessage(), ""));
            throw e;
        }
    }

    private Task create(Container container) throws IOException, RuntimeFailure {
        home.freeSpace().require(container.directory());
        container.readWriteLayer().mount();
        mounts.mount(container);
        Joined joined = joined(container);
        String profile = bundles.prepare(SpecRequest.of(container, joined, networking.begin(container)));
        mounts.tellMounted(container);
        return runtime.create(request(container, profile, networking.reserved(container)));
    }

    /** What the runtime is told of a container. */
    static TaskRequest request(Container container, @Nullable String seccompProfile, List<Integer> inherited) {
        ContainerConfig config = container.config();
        return new TaskRequest(
                container.id(),
                container.directory(),
                container.logPath(),
                config.tty(),
                config.openStdin(),
                config.stdinOnce(),
                container.hostConfig().runtime(),
                seccompProfile,
                container.hub(),
                inherited);
    }

    /** Keeps its log within its limits. */
    void rotateLog(Container container, Task task) {
        if (container.logPath() != null) {
            new LogRotation(
                            container.logPath(),
                            LogDriver.of(container.hostConfig().logConfig()),
                            task,
                            container.hub())
                    .start();
        }
    }

    private Joined joined(Container container) {
        HostConfig host = container.hostConfig();
        return new Joined(
                network(container, host.networkMode()),
                find("PID", host.pidMode()).map(Run::ofPid).orElse(null),
                find("IPC", host.ipcMode()).map(Run::ofIpc).orElse(null));
    }

    private Optional<Container> find(String namespace, String mode) {
        if (!mode.startsWith("container:")) {
            return Optional.empty();
        }
        String name = mode.substring("container:".length());
        return Optional.of(containers
                .find(name)
                .orElseThrow(() -> EngineException.system(
                        "joining " + namespace + " namespace of container: No such container: " + name, null)));
    }

    private @Nullable Neighbour network(Container container, String mode) {
        Optional<Container> other = find("network", mode);
        if (other.isEmpty()) {
            return null;
        }
        Container found = other.get();
        if (found == container) {
            throw EngineException.system("cannot join own network namespace", null);
        }
        return neighbour(found)
                .orElseThrow(() ->
                        EngineException.conflict("cannot join network namespace of a non running container: container "
                                + found.name() + " is " + found.state().status().text()));
    }

    private static Neighbour ofPid(Container other) {
        return neighbour(other).orElseThrow(() -> EngineException.system(notRunning("PID", other), null));
    }

    private static Neighbour ofIpc(Container other) {
        Neighbour neighbour = neighbour(other).orElseThrow(() -> EngineException.conflict(notRunning("IPC", other)));
        String mode = other.hostConfig().ipcMode();
        if (mode.isEmpty() || mode.equals("private") || mode.equals("none")) {
            throw EngineException.invalidParameter("failed to join IPC namespace: container " + other.id()
                    + ": non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
        }
        return neighbour;
    }

    private static String notRunning(String namespace, Container other) {
        return "failed to join " + namespace + " namespace: container " + other.id() + " is not running";
    }

    private static Optional<Neighbour> neighbour(Container other) {
        return other.task()
                .map(task -> new Neighbour(
                        task.init().pid(), other.directory(), other.config().hostname()));
    }

    private void fail(Container container, int exitCode, String message) {
        Task task = container.task().orElse(null);
        container.setTask(null);
        container.setState(container.state().failed(exitCode, message));
        if (task != null) {
            delete(container, task);
        }
        release(container);
        networking.end(container);
        container.hub().close();
        store.save(container);
        if (container.hostConfig().autoRemove()) {
            removeByItself(container);
        }
    }

    /** Sees to it that the end of a task is recorded. */
    void watch(Container container, Task task) {
        task.exit().thenAccept(exit -> Thread.ofVirtual().name("exit").start(() -> end(container, task, exit)));
    }

    private void end(Container container, Task task, Exit exit) {
        container.lock().lock();
        try {
            if (container.task().orElse(null) != task) {
                return;
            }
            record(container, task, exit);
        } finally {
            container.lock().unlock();
        }
        if (container.hostConfig().autoRemove() && !container.state().restarting() && !restarting.byClient(container)) {
            removeByItself(container);
        }
    }

    /** Records the end of a run; its lock is held. The row comes first: with the task goes its exit file, which alone knows the code till then. */
    void record(Container container, Task task, Exit exit) {
        Instant started = Objects.requireNonNullElse(container.state().startedAt(), exit.at());
        Duration ran = Duration.between(started, exit.at());
        Optional<Duration> delay = restarting.after(container, exit.code(), ran);
        container.setTask(null);
        container.setState(container
                .state()
                .ended(
                        delay.isPresent() ? State.Status.RESTARTING : State.Status.EXITED,
                        exit.code(),
                        exit.at(),
                        exit.oomKilled(),
                        Objects.requireNonNullElse(exit.error(), "")));
        networking.end(container);
        store.save(container);
        health.end(container);
        delete(container, task);
        release(container);
        if (exit.oomKilled()) {
            events.publish(container, "oom");
        }
        if (container.endStop()) {
            events.publish(container, "stop");
        }
        events.publish(
                container,
                "die",
                Map.of(
                        "execDuration", Long.toString(ran.toSeconds()),
                        "exitCode", Integer.toString(exit.code())));
        container.tellExit(new Container.Ending(exit.code(), null));
        State waiting = container.state();
        delay.ifPresent(pause -> Thread.ofVirtual().name("restart").start(() -> again(container, waiting, pause)));
    }

    private void again(Container container, State waiting, Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        container.lock().lock();
        try {
            if (container.state() == waiting) {
                begin(container);
            }
        } catch (EngineException e) {
            log.error("Container {} cannot be started again: {}", container.id(), e.getMessage());
            container.setState(container.state().failed(waiting.exitCode(), Objects.toString(e.getMessage(), "")));
            store.save(container);
        } finally {
            container.lock().unlock();
        }
    }

    private void delete(Container container, Task task) {
        try {
            task.delete();
        } catch (IOException e) {
            log.error("The runtime cannot delete container {}", container.id(), e);
        }
    }

    /** Ends a task that nobody will start any more. */
    void discard(Container container, Task task) {
        delete(container, task);
        release(container);
        networking.end(container);
        store.save(container);
    }

    /** Unmounts what an earlier run mounted for a container that is no more. */
    void unmount(Path directory) throws IOException {
        for (Path point : Mounts.below(directory)) {
            Mounts.unmount(point, Mounts.DETACH);
        }
    }

    /** Unmounts what it has mounted. */
    void release(Container container) {
        releaseUntold(container);
        mounts.tellUnmounted(container);
    }

    /** The same for a run that an earlier daemon has begun, so that nobody is told of its volumes. */
    void releaseUntold(Container container) {
        try {
            bundles.release(container.directory());
            mounts.unmount(container);
            container.readWriteLayer().unmount();
        } catch (IOException e) {
            log.error("The mounts of container {} cannot be removed", container.id(), e);
        }
    }

    private void removeByItself(Container container) {
        try {
            removal.remove(container, container.name(), true, true);
        } catch (EngineException e) {
            log.warn("Container {} is not removed by itself: {}", container.id(), e.getMessage());
        }
    }
}
