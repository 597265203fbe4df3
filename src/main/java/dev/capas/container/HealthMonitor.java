package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.runtime.RuntimeFailure;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Probes the health of running containers. One timer wakes all probes (its thread begins with the first), each then is a virtual
 * thread that waits for its exec. All methods are called while the container's lock is held.
 */
@Component
class HealthMonitor implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(HealthMonitor.class);

    private static final int NOT_PROBED = -1;

    private final ContainerStore store;
    private final ContainerEvents events;
    private final Execs execs;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("health").factory(), new ThreadPoolExecutor.DiscardPolicy());
    private final Map<Container, Watch> watches = new ConcurrentHashMap<>();

    HealthMonitor(ContainerStore store, ContainerEvents events, Execs execs) {
        this.store = store;
        this.events = events;
        this.execs = execs;
        timer.setRemoveOnCancelPolicy(true);
    }

    /** A run has begun. */
    void begin(Container container) {
        Healthcheck.of(container.config()).ifPresent(check -> {
            Health before = container.health();
            save(container, before == null ? Health.STARTING : before.startedAnew());
            watch(container, check);
        });
    }

    /** A run goes on, after a pause or under another daemon; what is known of its health stays. */
    void resume(Container container) {
        if (container.health() != null) {
            Healthcheck.of(container.config()).ifPresent(check -> watch(container, check));
        }
    }

    /** A run has ended or pauses. */
    void end(Container container) {
        Health health = container.health();
        if (health != null) {
            Watch watch = watches.remove(container);
            if (watch != null) {
                watch.end();
            }
            save(container, health.unwatched());
        }
    }

    private void watch(Container container, Healthcheck check) {
        Watch watch = new Watch(container, check);
        watches.put(container, watch);
        watch.schedule();
    }

    private void save(Container container, Health health) {
        container.setHealth(health);
        store.saveHealth(container, health);
    }

    @Override
    public void destroy() {
        timer.shutdownNow();
    }

    /** The probes of one run. */
    private final class Watch {
        private final Container container;
        private final Healthcheck check;
        private final Instant started;
        private volatile boolean over;
        private volatile @Nullable Future<?> next;
        private volatile @Nullable Probe probe;

        Watch(Container container, Healthcheck check) {
            this.container = container;
            this.check = check;
            this.started = Objects.requireNonNullElse(container.state().startedAt(), Instant.now());
        }

        void schedule() {
            Health.Status status = Objects.requireNonNull(container.health()).status();
            next = timer.schedule(
                    () -> Thread.ofVirtual().name("probe").start(this::probe),
                    check.pause(status, started, Instant.now()).toNanos(),
                    TimeUnit.NANOSECONDS);
        }

        void end() {
            over = true;
            Optional.ofNullable(next).ifPresent(waiting -> waiting.cancel(false));
            Optional.ofNullable(probe).ifPresent(Probe::kill);
        }

        private void probe() {
            Instant start = Instant.now();
            Health.Result result = result(start);
            container.lock().lock();
            try {
                if (!over) {
                    record(result);
                }
            } finally {
                if (!over) {
                    schedule();
                }
                container.lock().unlock();
            }
        }

        private Health.Result result(Instant start) {
            try {
                Probe begun = execs.probe(container, check.command());
                probe = begun;
                if (over) {
                    begun.kill();
                }
                OptionalInt exitCode = begun.await(check.timeout());
                String output = begun.output();
                if (exitCode.isEmpty()) {
                    output = check.exceeded() + (output.isEmpty() ? "" : ": " + output);
                }
                return new Health.Result(start, Instant.now(), exitCode.orElse(NOT_PROBED), output);
            } catch (RuntimeFailure | EngineException e) {
                log.debug("The health of container {} cannot be probed", container.id(), e);
                return new Health.Result(start, Instant.now(), NOT_PROBED, Objects.toString(e.getMessage(), ""));
            } finally {
                probe = null;
            }
        }

        private void record(Health.Result result) {
            Health before = Objects.requireNonNull(container.health());
            boolean counts = check.counts(before.status(), started, result.start());
            Health after = before.after(result, counts, check.retries());
            save(container, after);
            if (after.status() != before.status()) {
                events.publish(container, "health_status: " + after.status().text());
            }
        }
    }
}
