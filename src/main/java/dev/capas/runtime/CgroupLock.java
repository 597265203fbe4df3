package dev.capas.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's lock on moving processes between cgroups. Who takes it first waits for a grace period of RCU, some 15 ms; who takes it
 * while that of another is not yet over does not ({@code cgroup_threadgroup_rwsem}, kernel/cgroup/cgroup.c). A start of a container
 * takes it in the middle: asked for beforehand, the wait falls together with what is done before.
 */
final class CgroupLock {
    private static final byte[] SELF = {'0'};

    private final Executor blocking;
    private final @Nullable Path own;
    private final AtomicBoolean asked = new AtomicBoolean();

    /** With threads that may block. */
    CgroupLock(Executor blocking) {
        this.blocking = blocking;
        this.own = ownProcesses();
    }

    /** Has the lock taken soon, by moving the daemon to where it is. */
    void expect() {
        Path processes = own;
        if (processes != null && asked.compareAndSet(false, true)) {
            blocking.execute(() -> {
                try {
                    Files.write(processes, SELF);
                } catch (IOException e) {
                    System.getLogger(CgroupLock.class.getName())
                            .log(System.Logger.Level.DEBUG, "the lock is not taken beforehand", e);
                } finally {
                    asked.set(false);
                }
            });
        }
    }

    /** The file that lists the processes of the daemon's own cgroup; null where it cannot be written. */
    private static @Nullable Path ownProcesses() {
        try {
            return Cgroup.of((int) ProcessHandle.current().pid(), "")
                    .map(directory -> directory.resolve("cgroup.procs"))
                    .filter(Files::isWritable)
                    .orElse(null);
        } catch (IOException e) {
            System.getLogger(CgroupLock.class.getName()).log(System.Logger.Level.DEBUG, "no cgroups", e);
            return null;
        }
    }
}
