package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.linux.Signals;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** What clients do to running and stopped containers: start, stop, restart, kill, pause, unpause, rename, remove. */
@Service
public class Lifecycle {
    private static final Pattern NUMBER = Pattern.compile("-?0*[1-9][0-9]{0,8}");

    private static final int DEFAULT_STOP_TIMEOUT = 10;

    private final Containers containers;
    private final ContainerStore store;
    private final ContainerEvents events;
    private final Signalling signalling;
    private final Restarting restarting;
    private final Removal removal;
    private final HealthMonitor health;
    private final ContainerNetworking networking;
    private final Run run;

    Lifecycle(
            Containers containers,
            ContainerStore store,
            ContainerEvents events,
            Signalling signalling,
            Restarting restarting,
            Removal removal,
            HealthMonitor health,
            ContainerNetworking networking,
            Run run) {
        this.containers = containers;
        this.store = store;
        this.events = events;
        this.signalling = signalling;
        this.restarting = restarting;
        this.removal = removal;
        this.health = health;
        this.networking = networking;
        this.run = run;
    }

    /**
     * Starts a container.
     *
     * @throws EngineException if it runs already or will at once (not modified), is paused or being removed (409), or cannot be started
     */
    public void start(String name) {
        Container container = containers.get(name);
        container.lock().lock();
        try {
            switch (container.state().status()) {
                case PAUSED -> throw EngineException.conflict("cannot start a paused container, try unpause instead");
                case RUNNING, RESTARTING -> throw EngineException.notModified("container is already running");
                case REMOVING, DEAD ->
                    throw EngineException.conflict("container is marked for removal and cannot be started");
                case CREATED, EXITED -> {}
            }
            restarting.reset(container);
            run.begin(container);
        } finally {
            container.lock().unlock();
        }
    }

    /**
     * Stops a container: its stop signal, and SIGKILL where that does not end it in time.
     *
     * @param timeout seconds, negative for ever, null for what the container says or ten
     * @param signal instead of the container's own, or null
     * @throws EngineException if it does not run (not modified)
     */
    public void stop(String name, @Nullable Integer timeout, @Nullable String signal) {
        Container container = containers.get(name);
        if (!container.state().running()) {
            throw EngineException.notModified("container is already stopped");
        }
        try {
            stop(container, timeout, signal);
        } catch (EngineException e) {
            throw EngineException.system("cannot stop container: " + name + ": " + e.getMessage(), e);
        }
    }

    private void stop(Container container, @Nullable Integer timeout, @Nullable String signal) {
        OptionalInt number = signal == null || signal.isEmpty()
                ? OptionalInt.of(Signalling.stopSignal(container))
                : Signalling.number(signal);
        if (number.isEmpty()) {
            throw EngineException.invalidParameter("invalid signal: " + signal);
        }
        container.beginStop();
        if (!waitedForStart(container)) {
            CompletableFuture<Container.Ending> exit = container.nextExit();
            if (container.task().isPresent()) {
                signalling.send(container, number.getAsInt());
                if (!Signalling.await(exit, timeout(container, timeout))) {
                    signalling.killAndWait(container);
                }
            }
        }
        if (container.endStop()) {
            events.publish(container, "stop");
        }
    }

    private static Duration timeout(Container container, @Nullable Integer asked) {
        Integer own = container.config().stopTimeout();
        int seconds = asked != null ? asked : own != null ? own : DEFAULT_STOP_TIMEOUT;
        return seconds < 0 ? Duration.ofDays(36_500) : Duration.ofSeconds(seconds);
    }

    /** Marks it as stopped by a client before it is; where it waits for its next start, that was all. */
    private boolean waitedForStart(Container container) {
        container.lock().lock();
        try {
            boolean waited = signalling.endRestarts(container);
            if (!waited) {
                store.save(container);
            }
            return waited;
        } finally {
            container.lock().unlock();
        }
    }

    /**
     * Stops a container where it runs, and starts it.
     *
     * @param timeout as in {@link #stop}
     */
    public void restart(String name, @Nullable Integer timeout, @Nullable String signal) {
        Container container = containers.get(name);
        restarting.begin(container);
        try {
            if (container.state().running()) {
                try {
                    stop(container, timeout, signal);
                } catch (EngineException e) {
                    throw EngineException.system("Cannot restart container " + name + ": " + e.getMessage(), null);
                }
            }
            container.lock().lock();
            try {
                if (!container.state().running()) {
                    restarting.reset(container);
                    run.begin(container);
                }
            } finally {
                container.lock().unlock();
            }
            events.publish(container, "restart");
        } finally {
            restarting.end(container);
        }
    }

    /**
     * Sends a signal; with SIGKILL, waits for the end.
     *
     * @param signal null or empty for SIGKILL
     * @throws EngineException if there is no such container (404) or signal (400), or it does not run (409)
     */
    public void kill(String name, @Nullable String signal) {
        Container container = containers
                .find(name)
                .orElseThrow(() -> EngineException.notFound(cannotKill(name) + "No such container: " + name));
        OptionalInt number =
                signal == null || signal.isEmpty() ? OptionalInt.of(Signals.SIGKILL) : Signalling.number(signal);
        if (number.isEmpty()) {
            throw EngineException.invalidParameter(cannotKill(name)
                    + (NUMBER.matcher(signal).matches()
                            ? "the linux daemon does not support signal " + Integer.parseInt(signal)
                            : "invalid signal: " + signal));
        }
        if (!container.state().running()) {
            throw EngineException.conflict(cannotKill(name) + "container " + container.id() + " is not running");
        }
        if (number.getAsInt() == Signals.SIGKILL) {
            signalling.killAndWait(container);
        } else {
            signalling.send(container, number.getAsInt());
        }
    }

    private static String cannotKill(String name) {
        return "cannot kill container: " + name + ": ";
    }

    /** Freezes all processes of a container. */
    public void pause(String name) {
        Container container = containers.get(name);
        container.lock().lock();
        try {
            Task task = running(container);
            if (container.state().paused()) {
                throw EngineException.conflict("Container " + container.id() + " is already paused");
            }
            task.pause();
            container.setState(container.state().with(State.Status.PAUSED));
            health.end(container);
            store.save(container);
            events.publish(container, "pause");
        } catch (IOException e) {
            throw EngineException.system("cannot pause container " + container.id() + ": " + e.getMessage(), e);
        } finally {
            container.lock().unlock();
        }
    }

    private static Task running(Container container) {
        if (container.state().restarting()) {
            throw EngineException.conflict(
                    "Container " + container.id() + " is restarting, wait until the container is running");
        }
        return container
                .task()
                .orElseThrow(() -> EngineException.conflict("container " + container.id() + " is not running"));
    }

    /** Lets a paused container run on. */
    public void unpause(String name) {
        Container container = containers.get(name);
        container.lock().lock();
        try {
            Task task = container.task().orElse(null);
            if (task == null || !container.state().paused()) {
                throw EngineException.system("Container " + container.id() + " is not paused", null);
            }
            task.resume();
            container.setState(container.state().with(State.Status.RUNNING));
            health.resume(container);
            store.save(container);
            events.publish(container, "unpause");
        } catch (IOException e) {
            throw EngineException.system("Cannot unpause container " + container.id() + ": " + e.getMessage(), e);
        } finally {
            container.lock().unlock();
        }
    }

    /**
     * Gives a container another name.
     *
     * @throws EngineException if the name is none (400) or in use (409)
     */
    public void rename(String name, @Nullable String wanted) {
        Container container = containers.get(name);
        if (wanted == null || wanted.isEmpty()) {
            throw EngineException.invalidParameter("Neither old nor new names may be empty");
        }
        String slashed = wanted.startsWith("/") ? wanted : "/" + wanted;
        container.lock().lock();
        try {
            String old = container.name();
            if (slashed.equals("/" + old)) {
                throw EngineException.invalidParameter("Renaming a container with the same name as its current name");
            }
            String next = checkedName(slashed);
            containers.reserve(next, container.id()).ifPresent(owner -> {
                throw EngineException.conflict("Error when allocating new name: "
                        + Creation.nameInUse(next, owner).getMessage());
            });
            container.setName(next);
            networking.rename(container);
            store.saveSettings(container);
            containers.release(old, container.id());
            events.publish(container, "rename", java.util.Map.of("oldName", "/" + old));
        } finally {
            container.lock().unlock();
        }
    }

    private static String checkedName(String slashed) {
        try {
            return Creation.checkName(slashed);
        } catch (EngineException e) {
            throw EngineException.invalidParameter("Error when allocating new name: " + e.getMessage());
        }
    }

    /**
     * Removes a container.
     *
     * @param force whether it is killed where it runs
     * @param withVolumes whether the volumes that nobody named go too
     * @param link whether a link is meant and not the container
     * @throws EngineException if it runs and must not be killed (409)
     */
    public void remove(String name, boolean force, boolean withVolumes, boolean link) {
        removal.remove(removable(name, link), name, force, withVolumes);
    }

    /** Throws what {@link #remove} would throw now; changes nothing. */
    public void checkRemove(String name, boolean force, boolean link) {
        checkRemove(removable(name, link), name, force);
    }

    /** The same of a container that the client calls so. */
    public static void checkRemove(Container container, String name, boolean force) {
        Removal.check(container, name, force);
    }

    private Container removable(String name, boolean link) {
        Container container = containers.get(name);
        if (link) {
            throw EngineException.system("Conflict, cannot remove the default link name of the container", null);
        }
        return container;
    }
}
