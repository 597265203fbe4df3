package dev.capas.runtime;

import dev.capas.linux.Errno;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.linux.PidFd;
import dev.capas.linux.Signals;
import dev.capas.linux.Terminals;
import dev.capas.linux.UnixSocket;
import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A container whose init runs under a conmon. */
final class ConmonTask implements Task {
    private static final long STREAMS_LAST_MILLIS = 2000;
    private static final long EXIT_FILE_MILLIS = 300;
    private static final long KILL_SECONDS = 10;
    private static final int KILLED = 128 + Signals.SIGKILL;

    private final ConmonRuntime.Context context;
    private final RuntimeCommand command;
    private final TaskRequest request;
    private final Streams streams;
    private final ProcessIdentity init;
    private final ProcessIdentity conmon;
    private final Path bundle;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<Void> silent = new CompletableFuture<>();
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    private final CompletableFuture<Void> removed = new CompletableFuture<>();

    ConmonTask(
            ConmonRuntime.Context context,
            RuntimeCommand command,
            TaskRequest request,
            ProcessIdentity init,
            ProcessIdentity conmon) {
        this.context = context;
        this.command = command;
        this.request = request;
        this.streams = (Streams) request.hub();
        this.init = init;
        this.conmon = conmon;
        this.bundle = request.directory().resolve("bundle");
    }

    /** Takes over a container that an earlier run of the daemon started. A conmon that takes no connection, for it is about to end or hangs, is watched all the same. */
    void takeOver() throws IOException {
        try {
            connect();
        } catch (IOException e) {
            System.getLogger(ConmonTask.class.getName())
                    .log(System.Logger.Level.WARNING, "no streams of container " + request.id(), e);
            silent.complete(null);
        }
        watch();
    }

    /** Connects the hub to conmon, and to the terminal. */
    void connect() throws IOException {
        Fd socket = UnixSocket.connect(bundle, "attach", UnixSocket.SEQPACKET);
        streams.connect(socket, request.openStdin(), () -> silent.complete(null));
        if (request.terminal()) {
            connectTerminal();
        }
    }

    /** The terminal is where init's streams lead; a command that runs already may have turned some of them elsewhere. */
    private void connectTerminal() {
        for (int stream = 0; stream <= 2; stream++) {
            try {
                Fd terminal = Fd.open(Path.of("/proc/" + init.pid() + "/fd/" + stream), Fd.O_RDWR | Fd.O_NOCTTY, 0);
                try {
                    Terminals.size(terminal);
                    streams.terminal(terminal);
                    return;
                } catch (LinuxException e) {
                    terminal.close();
                    throw e;
                }
            } catch (LinuxException e) {
                System.getLogger(ConmonTask.class.getName())
                        .log(System.Logger.Level.DEBUG, "no terminal at stream " + stream, e);
            }
        }
    }

    /** Waits for the exit file, and for the end of a conmon that leaves none. */
    void watch() throws IOException {
        context.exits().await(request.id(), code -> ended(code, null));
        PidFd process;
        try {
            process = PidFd.open(conmon.pid());
        } catch (LinuxException e) {
            conmonIsGone();
            return;
        }
        context.poller().watch(process.fd(), () -> {
            context.poller().remove(process.fd());
            process.close();
            context.blocking().execute(this::conmonIsGone);
        });
    }

    /** Conmon has ended: it leaves an exit file, or init is nobody's any more and must end too. */
    void conmonIsGone() {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(EXIT_FILE_MILLIS);
        while (!ended.get()) {
            OptionalInt code = context.exits().read(request.id());
            if (code.isPresent()) {
                ended(code.getAsInt(), null);
            } else if (System.nanoTime() > end) {
                signalInit(Signals.SIGKILL);
                ended(KILLED, "conmon, which held the container, has ended");
            } else {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
    }

    @Override
    public ProcessIdentity init() {
        return init;
    }

    @Override
    public ProcessIdentity conmon() {
        return conmon;
    }

    @Override
    public void start() throws RuntimeFailure {
        if (crun().start()) {
            return;
        }
        Path log = bundle.resolve("runtime.log");
        try {
            if (command.run(log, "start", request.id()) != 0) {
                throw OciFailure.ofStart(log, null);
            }
        } catch (IOException e) {
            throw new RuntimeFailure("failed to create task for container: " + e.getMessage(), 128);
        }
    }

    @Override
    public void kill(int signal) throws IOException {
        if (!ConmonRuntime.isAlive(init)) {
            throw new LinuxException("kill", Errno.ESRCH, "process " + init.pid());
        }
        try (PidFd process = PidFd.open(init.pid())) {
            process.signal(signal);
        }
    }

    @Override
    public void pause() throws IOException {
        Cgroup.freeze(init.pid(), true);
    }

    @Override
    public void resume() throws IOException {
        Cgroup.freeze(init.pid(), false);
    }

    @Override
    public CompletableFuture<Exit> exit() {
        return exit;
    }

    @Override
    public void delete() throws IOException {
        if (!ended.get()) {
            signalInit(Signals.SIGKILL);
        }
        try {
            exit.thenCompose(ignored -> removed)
                    .completeOnTimeout(null, KILL_SECONDS, TimeUnit.SECONDS)
                    .join();
            if (!removed.isDone()) {
                remove();
                removed.join();
            }
        } catch (CompletionException e) {
            throw new IOException(e.getCause());
        }
        context.exits().remove(request.id());
    }

    @Override
    public ExecTask exec(ExecRequest exec) throws RuntimeFailure {
        return new ExecLauncher(context, command, request.id(), init, bundle).start(exec);
    }

    @Override
    public void update(String ociResources) throws IOException {
        ObjectNode wanted = (ObjectNode) Json.MAPPER.readTree(ociResources);
        lift(wanted, "cpu", "quota", "cpu.cfs_quota_us", "cpu.max");
        lift(wanted, "pids", "limit", "pids.max", "pids.max");
        Path resources = Files.writeString(Files.createTempFile(bundle, "resources", ".json"), wanted.toString());
        Path log = bundle.resolve("update.log");
        try {
            if (command.run(log, "update", "--resources", resources.toString(), request.id()) != 0) {
                throw new IOException(OciFailure.ofStart(log, null).getMessage());
            }
        } finally {
            Files.delete(resources);
            Files.deleteIfExists(log);
        }
    }

    /** Takes a limit back where it is negative, which crun 1.8 does not understand. */
    private void lift(ObjectNode resources, String controller, String limit, String v1, String v2) throws IOException {
        if (resources.path(controller).path(limit).asLong(0) >= 0) {
            return;
        }
        ((ObjectNode) resources.get(controller)).remove(limit);
        if (resources.get(controller).isEmpty()) {
            resources.remove(controller);
        }
        Optional<Path> group = Cgroup.of(init.pid(), controller);
        if (group.isPresent()) {
            Files.writeString(group.get().resolve(v1), v1.equals("pids.max") ? "max" : "-1");
        } else {
            Path unified = Cgroup.of(init.pid(), "").orElseThrow(() -> new IOException("the container has ended"));
            Files.writeString(unified.resolve(v2), "max");
        }
    }

    @Override
    public void reopenLog() throws IOException {
        try (Fd control = Fd.open(bundle.resolve("ctl"), Fd.O_WRONLY | Fd.O_NONBLOCK, 0)) {
            byte[] line = "2 0 0\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            control.writeAll(line, 0, line.length);
        }
    }

    private void ended(int code, @Nullable String error) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        Instant at = endedAt(Instant.now());
        context.blocking().execute(this::remove);
        silent.completeOnTimeout(null, STREAMS_LAST_MILLIS, TimeUnit.MILLISECONDS)
                .thenRun(() -> {
                    streams.finish();
                    boolean oom = Files.exists(request.directory().resolve("oom"));
                    Thread.ofVirtual().start(() -> exit.complete(new Exit(code, at, oom, error)));
                });
    }

    /** Now, unless the exit file tells of an end while no daemon was there to see it; the file's clock is coarser. */
    private Instant endedAt(Instant now) {
        return context.exits()
                .writtenAt(request.id())
                .filter(written -> written.isBefore(now.minusSeconds(1)))
                .orElse(now);
    }

    private synchronized void remove() {
        if (removed.isDone()) {
            return;
        }
        try {
            if (!crun().delete()) {
                command.run(bundle.resolve("delete.log"), "delete", "--force", request.id());
            }
            removed.complete(null);
        } catch (IOException e) {
            removed.completeExceptionally(e);
        }
    }

    private CrunState crun() {
        return new CrunState(command.state().resolve(request.id()));
    }

    private void signalInit(int signal) {
        try {
            kill(signal);
        } catch (IOException e) {
            System.getLogger(ConmonTask.class.getName()).log(System.Logger.Level.DEBUG, "gone already", e);
        }
    }
}
