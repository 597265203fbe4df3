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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Starts programs from one platform thread. Where the machine mounts cgroups in hybrid mode with a controller on the v2 side, crun
 * refuses to run; the thread then lives in a mount namespace of its own, a slave of the daemon's, in which the v2 side is hidden.
 */
final class Launcher implements AutoCloseable {
    /** A started program. */
    record Child(int pid, CompletableFuture<Integer> exit) {}

    private static final Path UNIFIED = Path.of("/sys/fs/cgroup/unified");

    private final ExecutorService thread = onePlatformThread();
    private final Poller poller;
    private final SharedMount mounts;
    private final @Nullable String refused;

    /**
     * Starts the thread.
     *
     * @param mounts where the daemon mounts what the programs must see
     */
    Launcher(SharedMount mounts, Poller poller) throws IOException {
        this.poller = poller;
        this.mounts = mounts;
        this.refused = Processes.effectiveUser() == 0 ? prepare() : null;
    }

    private @Nullable String prepare() throws IOException {
        try {
            if (hybridWithControllers()) {
                mounts.make();
                run(thread, this::hideUnified);
            } else {
                tryNamespace();
            }
            return null;
        } catch (LinuxException e) {
            return "no mount namespaces can be made here (" + e.getMessage()
                    + "): containers cannot be started (a container needs CAP_SYS_ADMIN for that)";
        }
    }

    private int hideUnified() throws LinuxException {
        Namespaces.unshare(Namespaces.CLONE_NEWNS);
        Mounts.propagation(Path.of("/"), Mounts.MS_REC | Mounts.MS_SLAVE);
        Mounts.bind(oldHierarchy(), UNIFIED);
        return 0;
    }

    /** What hides the v2 side: crun makes and removes its directories there as on any hierarchy; on a tmpfs they would stay and fill it. */
    private static Path oldHierarchy() {
        return Stream.of("systemd", "freezer", "pids")
                .map(UNIFIED::resolveSibling)
                .filter(Files::isDirectory)
                .findFirst()
                .orElse(UNIFIED);
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

    /** Starts a program; its end is awaited in the background. */
    Child start(Spawn spawn) throws IOException {
        int pid = run(thread, spawn::start);
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
        Path controllers = UNIFIED.resolve("cgroup.controllers");
        return Files.exists(controllers) && !Files.readString(controllers).isBlank();
    }
}
