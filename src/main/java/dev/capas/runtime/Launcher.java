package dev.capas.runtime;

import dev.capas.linux.LinuxException;
import dev.capas.linux.Mounts;
import dev.capas.linux.Namespaces;
import dev.capas.linux.PidFd;
import dev.capas.linux.Poller;
import dev.capas.linux.Processes;
import dev.capas.linux.Spawn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Starts programs from one platform thread. Where the machine mounts cgroups in hybrid mode with a controller on the v2 side, crun
 * refuses to run; the thread then lives in a mount namespace of its own, in which the v2 side seems to have none.
 */
final class Launcher implements AutoCloseable {
    /** A started program. */
    record Child(int pid, CompletableFuture<Integer> exit) {}

    private static final Path UNIFIED = Path.of("/sys/fs/cgroup/unified");
    private static final Path CONTROLLERS = UNIFIED.resolve("cgroup.controllers");

    private final ExecutorService thread = onePlatformThread();
    private final Path nothing;
    private final boolean hiding;
    private final Poller poller;
    private final SharedMount mounts;
    private final @Nullable String refused;

    /**
     * Starts the thread.
     *
     * @param mounts where the daemon mounts what the programs must see
     * @param nothing an empty file, which is made here
     */
    Launcher(SharedMount mounts, Path nothing, Poller poller) throws IOException {
        this.poller = poller;
        this.mounts = mounts;
        this.nothing = nothing;
        this.hiding = hybridWithControllers();
        this.refused = Processes.effectiveUser() == 0 ? prepare() : null;
    }

    private @Nullable String prepare() throws IOException {
        try {
            if (hiding) {
                mounts.make();
                Files.write(nothing, new byte[0]);
                run(thread, this::hideControllers);
            } else {
                tryNamespace();
            }
            return null;
        } catch (LinuxException e) {
            return "no mount namespaces can be made here (" + e.getMessage()
                    + "): containers cannot be started (a container needs CAP_SYS_ADMIN for that)";
        }
    }

    /** Everything else stays as it is, propagation too: what a container mounts on a shared mount shows on the host. */
    private int hideControllers() throws LinuxException {
        Namespaces.unshare(Namespaces.CLONE_NEWNS);
        Mounts.propagation(UNIFIED, Mounts.MS_PRIVATE);
        Mounts.bind(nothing, CONTROLLERS);
        return 0;
    }

    private static void tryNamespace() throws IOException {
        try (ExecutorService once = onePlatformThread()) {
            run(once, () -> {
                Namespaces.unshare(Namespaces.CLONE_NEWNS);
                return 0;
            });
        }
    }

    private static ExecutorService onePlatformThread() {
        return Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("launcher").factory());
    }

    /** Why containers cannot be started here, in words for {@code Warnings} of {@code /info}. */
    Optional<String> refused() {
        return Optional.ofNullable(refused);
    }

    /** Starts a program; its end is awaited in the background. What the machine has mounted since the daemon began, it may not see. */
    Child start(Spawn spawn) throws IOException {
        return watch(run(thread, spawn::start));
    }

    /** The same for a program that must see all that the machine has mounted by now, for bind mounts are made of it. */
    Child startAmongMounts(Spawn spawn) throws IOException {
        if (!hiding) {
            return start(spawn);
        }
        try (ExecutorService once = onePlatformThread()) {
            return watch(run(once, () -> {
                hideControllers();
                return spawn.start();
            }));
        }
    }

    private Child watch(int pid) throws IOException {
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        PidFd process = PidFd.open(pid);
        poller.watch(process.fd(), () -> {
            poller.remove(process.fd());
            process.close();
            try {
                int code = Processes.await(pid);
                Thread.ofVirtual().start(() -> exit.complete(code));
            } catch (LinuxException e) {
                Thread.ofVirtual().start(() -> exit.completeExceptionally(e));
            }
        });
        return new Child(pid, exit);
    }

    @Override
    public void close() throws IOException {
        thread.shutdown();
        mounts.close();
    }

    private interface Call {
        int on() throws IOException;
    }

    private static int run(ExecutorService thread, Call call) throws IOException {
        try {
            return thread.submit(call::on).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static boolean hybridWithControllers() throws IOException {
        return Files.exists(CONTROLLERS) && !Files.readString(CONTROLLERS).isBlank();
    }
}
