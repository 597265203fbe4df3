package dev.capas.runtime;

import dev.capas.linux.Directory;
import dev.capas.linux.Fd;
import dev.capas.linux.UnixSocket;
import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Starts further processes in a container: the OCI runtime's exec, which stays as their parent and ends with their exit code. */
record ExecLauncher(
        ConmonRuntime.Context context, RuntimeCommand command, String container, ProcessIdentity init, Path bundle) {
    private static final long STREAMS_LAST_MILLIS = 2000;

    ExecTask start(ExecRequest exec) throws RuntimeFailure {
        try (Directory root = Directory.open(Path.of("/proc/" + init.pid() + "/root"))) {
            Executable.check(root, Json.MAPPER.readTree(exec.process()));
            Path directory =
                    Files.createDirectory(bundle.resolve("exec-" + exec.id().substring(0, 12)));
            boolean running = false;
            try {
                ExecTask task = start(exec, directory);
                running = true;
                return task;
            } finally {
                if (!running) {
                    remove(directory);
                }
            }
        } catch (IOException e) {
            throw new RuntimeFailure("OCI runtime exec failed: " + e.getMessage(), 126);
        }
    }

    private ExecTask start(ExecRequest exec, Path directory) throws IOException, RuntimeFailure {
        Files.writeString(directory.resolve("process.json"), exec.process());
        Path log = directory.resolve("log");
        List<String> arguments = new ArrayList<>(List.of(
                "exec",
                "--process",
                directory.resolve("process.json").toString(),
                "--pid-file",
                directory.resolve("pid").toString()));
        Streams streams = (Streams) exec.hub();
        CompletableFuture<Void> silent = new CompletableFuture<>();
        Launcher.Child child = exec.terminal()
                ? withTerminal(directory, log, arguments, streams, silent)
                : withPipes(exec, log, arguments, streams, silent);
        CompletableFuture<Integer> exit = child.exit()
                .thenCompose(code -> silent.completeOnTimeout(null, STREAMS_LAST_MILLIS, TimeUnit.MILLISECONDS)
                        .thenApply(nothing -> code))
                .whenComplete((code, failure) -> {
                    streams.finish();
                    remove(directory);
                });
        Integer pid = awaitStart(directory, child);
        if (pid == null) {
            RuntimeFailure failure = OciFailure.ofExec(
                    log,
                    Json.MAPPER.readTree(exec.process()).path("args").path(0).asString(null));
            if (Files.exists(log) && Files.size(log) > 0) {
                throw failure;
            }
            return new ExecProcess(0, exit);
        }
        return new ExecProcess(pid, exit);
    }

    private Launcher.Child withPipes(
            ExecRequest exec, Path log, List<String> arguments, Streams streams, CompletableFuture<Void> silent)
            throws IOException {
        Fd[] out = Fd.pipe();
        Fd[] err = Fd.pipe();
        Fd[] in = exec.stdin() ? Fd.pipe() : null;
        Map<Integer, Fd> descriptors = new HashMap<>(Map.of(1, out[1], 2, err[1]));
        if (in != null) {
            descriptors.put(0, in[0]);
        }
        arguments.add(container);
        try {
            Launcher.Child child = command.start(log, descriptors, arguments);
            streams.connect(in == null ? null : in[1], out[0], err[0], () -> silent.complete(null));
            return child;
        } finally {
            descriptors.values().forEach(Fd::close);
        }
    }

    private Launcher.Child withTerminal(
            Path directory, Path log, List<String> arguments, Streams streams, CompletableFuture<Void> silent)
            throws IOException {
        try (Fd parent = Fd.open(directory, Fd.O_PATH | Fd.O_DIRECTORY, 0);
                Fd listener = UnixSocket.listen(directory, "console", UnixSocket.STREAM)) {
            arguments.addAll(List.of(
                    "--tty",
                    "--console-socket",
                    parent.procPath().resolve("console").toString(),
                    container));
            CompletableFuture<Boolean> called = new CompletableFuture<>();
            context.poller().watch(listener, () -> {
                context.poller().remove(listener);
                called.complete(true);
            });
            Launcher.Child child = command.start(log, Map.of(), arguments);
            if (Boolean.TRUE.equals(called.applyToEither(child.exit().thenApply(code -> false), answer -> answer)
                    .join())) {
                try (Fd connection = UnixSocket.accept(listener)) {
                    Fd master = UnixSocket.receiveDescriptor(connection);
                    streams.connect(master, master, null, () -> silent.complete(null));
                    streams.terminal(master);
                }
            } else {
                context.poller().remove(listener);
                silent.complete(null);
            }
            return child;
        }
    }

    /** The process's number, once it is no longer the runtime that prepares it; null where the runtime ended before that. */
    private static @Nullable Integer awaitStart(Path directory, Launcher.Child child) throws IOException {
        Path own = Path.of("/proc/" + child.pid() + "/exe");
        while (!child.exit().isDone()) {
            Path file = directory.resolve("pid");
            if (Files.exists(file)) {
                String number = Files.readString(file).strip();
                if (!number.isEmpty() && isItself(Path.of("/proc/" + number + "/exe"), own)) {
                    return Integer.parseInt(number);
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1) / 2);
        }
        return null;
    }

    private static boolean isItself(Path process, Path runtime) {
        try {
            return !Files.readSymbolicLink(process).equals(Files.readSymbolicLink(runtime));
        } catch (IOException e) {
            return false;
        }
    }

    private static void remove(Path directory) {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            System.getLogger(ExecLauncher.class.getName())
                    .log(System.Logger.Level.DEBUG, "left to the container's end", e);
        }
    }
}
