package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Signals;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.stereotype.Component;

/** Sends signals to containers and waits for what comes of them. */
@Component
class Signalling {
    private static final int SIGNALS = 64;

    private final ContainerStore store;
    private final ContainerEvents events;
    private final HealthMonitor health;

    Signalling(ContainerStore store, ContainerEvents events, HealthMonitor health) {
        this.store = store;
        this.events = events;
        this.health = health;
    }

    /** The number of a signal; empty where there is none of that name or number. */
    static OptionalInt number(String signal) {
        OptionalInt number = Signals.number(signal);
        return number.isPresent() && number.getAsInt() <= SIGNALS ? number : OptionalInt.empty();
    }

    /** The signal that asks the container to end, SIGTERM unless it says otherwise. */
    static int stopSignal(Container container) {
        String signal = container.config().stopSignal();
        return signal.isEmpty() ? Signals.SIGTERM : number(signal).orElse(Signals.SIGTERM);
    }

    /**
     * Sends a signal to a container, and lets it run on where it is paused, so that the signal has effect. One that waits for its next
     * start has ended by it. Does nothing else where its init is gone.
     *
     * @throws EngineException if the signal cannot be sent
     */
    void send(Container container, int signal) {
        container.lock().lock();
        try {
            Task task = container.task().orElse(null);
            container.setStoppedByHand(true);
            if (ends(container, signal)) {
                endRestarts(container);
            }
            if (task == null) {
                return;
            }
            task.kill(signal);
            events.publish(container, "kill", Map.of("signal", Integer.toString(signal)));
            if (container.state().paused()) {
                task.resume();
            }
            if (container.state().paused() && signal != Signals.SIGKILL) {
                container.setState(container.state().with(State.Status.RUNNING));
                health.resume(container);
                store.save(container);
                events.publish(container, "unpause");
            }
        } catch (LinuxException e) {
            if (e.errno() != Errno.ESRCH) {
                throw EngineException.system("cannot kill container: " + container.id() + ": " + e.getMessage(), e);
            }
        } catch (IOException e) {
            throw EngineException.system("cannot kill container: " + container.id() + ": " + e.getMessage(), e);
        } finally {
            container.lock().unlock();
        }
    }

    /** Whether a signal is meant to end a container, in dockerd's view: any is where the container names no stop signal. */
    private static boolean ends(Container container, int signal) {
        return signal == Signals.SIGKILL
                || container.config().stopSignal().isEmpty()
                || signal == stopSignal(container);
    }

    /**
     * Has a container stay ended; where it waits for its next start, it has ended now.
     *
     * @return whether it waited
     */
    boolean endRestarts(Container container) {
        container.lock().lock();
        try {
            container.setStoppedByHand(true);
            container.setRestartsOff(true);
            boolean waits = container.state().restarting();
            if (waits) {
                container.setState(container.state().with(State.Status.EXITED));
                store.save(container);
                container.tellExit(new Container.Ending(container.state().exitCode(), null));
            }
            return waits;
        } finally {
            container.lock().unlock();
        }
    }

    /**
     * Kills a container for good and waits until it has ended.
     *
     * @throws EngineException if it does not end
     */
    void killAndWait(Container container) {
        CompletableFuture<Container.Ending> exit = container.nextExit();
        if (endRestarts(container) || container.task().isEmpty()) {
            return;
        }
        send(container, Signals.SIGKILL);
        if (!await(exit, Duration.ofSeconds(10))) {
            throw EngineException.system("tried to kill container, but did not receive an exit event", null);
        }
    }

    /** Waits for an exit; false where it did not come in time. */
    static boolean await(CompletableFuture<Container.Ending> exit, Duration timeout) {
        try {
            exit.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
