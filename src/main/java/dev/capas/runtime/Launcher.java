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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * Starts programs from one platform thread. Where the machine mounts cgroups in hybrid mode with a controller on the v2 side, crun
 * refuses to run; the thread then lives in a mount namespace of its own, a slave of the daemon's, in which the v2 side is hidden.
 */
final class Launcher implements AutoCloseable {
    /** A started program. */
    record Child(int pid, CompletableFuture<Integer> exit) {}

    private static final Path UNIFIED = Path.of("/sys/fs/cgroup/unified");

    private final ExecutorService thread;
    private final Poller poller;

    /**
     * Starts the thread.
     *
     * @param mounts the directory below which the daemon mounts what the programs must see; what is renamed stays below it
     */
    Launcher(Path mounts, Poller poller) throws IOException {
        this.poller = poller;
        this.thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("launcher").factory());
        if (hybridWithControllers() && Processes.effectiveUser() == 0) {
            share(mounts);
            run(() -> {
                Namespaces.unshare(Namespaces.CLONE_NEWNS);
                Mounts.propagation(Path.of("/"), Mounts.MS_REC | Mounts.MS_SLAVE);
                Mounts.mount("tmpfs", UNIFIED, "tmpfs", 0, "size=1m");
                return 0;
            });
        }
    }

    /** Starts a program; its end is awaited in the background. */
    Child start(Spawn spawn) throws IOException {
        int pid = run(spawn::start);
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

    /** Undoes what the constructor did outside the thread, as far as nobody uses it any more. */
    static void unshare(Path mounts) {
        try {
            if (isMountPoint(mounts) && !hasMountsBelow(mounts)) {
                Mounts.unmount(mounts, Mounts.DETACH);
            }
        } catch (IOException e) {
            System.getLogger(Launcher.class.getName())
                    .log(System.Logger.Level.DEBUG, "containers still run below " + mounts, e);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }

    private interface Call {
        int on() throws IOException;
    }

    private int run(Call call) throws IOException {
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

    /** A slave namespace sees only what is mounted below a shared mount, so the directory becomes one, unless it lies on one. */
    private static void share(Path mounts) throws IOException {
        Files.createDirectories(mounts);
        if (!isMountPoint(mounts)) {
            Mounts.bind(mounts, mounts);
            Mounts.propagation(mounts, Mounts.MS_SHARED);
        }
    }

    private static boolean isMountPoint(Path directory) throws IOException {
        String point = directory.toRealPath().toString();
        return mountPoints().anyMatch(point::equals);
    }

    private static boolean hasMountsBelow(Path directory) throws IOException {
        String below = directory.toRealPath() + "/";
        return mountPoints().anyMatch(point -> point.startsWith(below));
    }

    private static Stream<String> mountPoints() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream().map(line -> line.split(" ")[4]);
    }
}
