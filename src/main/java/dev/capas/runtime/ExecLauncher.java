package dev.capas.runtime;

import dev.capas.linux.Directory;
import dev.capas.linux.Fd;
import dev.capas.linux.Processes;
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

/** Starts further processes in a container: the OCI runtime's exec, which stays as their parent and ends with their exit code. */
record ExecLauncher(
        ConmonRuntime.Context context, RuntimeCommand command, String container, ProcessIdentity init, Path bundle) {
    private static final long STREAMS_LAST_MILLIS = 2000;
    private static final long PID_FILE_NANOS = 300_000;

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
        Started started = exec.terminal()
                ? withTerminal(exec, directory, log, arguments, streams, silent)
                : withPipes(exec, directory, log, arguments, streams, silent);
        CompletableFuture<Integer> exit = started.child()
                .exit()
                .thenCompose(code -> silent.completeOnTimeout(null, STREAMS_LAST_MILLIS, TimeUnit.MILLISECONDS)
                        .thenApply(nothing -> code))
                .whenComplete((code, failure) -> {
                    streams.finish();
                    remove(directory);
                });
        long startTime = Processes.startTime(started.pid()).orElse(0);
        return new ExecProcess(new ProcessIdentity(init.bootId(), started.pid(), startTime), exit);
    }

    private record Started(Launcher.Child child, int pid) {}

    private Started withPipes(
            ExecRequest exec,
            Path directory,
            Path log,
            List<String> arguments,
            Streams streams,
            CompletableFuture<Void> silent)
            throws IOException, RuntimeFailure {
        List<Fd> ours = new ArrayList<>();
        Map<Integer, Fd> theirs = new HashMap<>();
        boolean running = false;
        try {
            for (int stream = exec.stdin() ? 0 : 1; stream <= 2; stream++) {
                Fd[] pipe = Fd.pipe();
                ours.add(pipe[stream == 0 ? 1 : 0]);
                theirs.put(stream, pipe[stream == 0 ? 0 : 1]);
            }
            arguments.add(container);
            Launcher.Child child = command.start(log, theirs, arguments);
            int pid = awaitStart(exec, directory, log, child);
            // not before: until then it is the runtime that writes
            streams.connect(
                    exec.stdin() ? ours.getFirst() : null,
                    ours.get(ours.size() - 2),
                    ours.getLast(),
                    () -> silent.complete(null));
            running = true;
            return new Started(child, pid);
        } finally {
            theirs.values().forEach(Fd::close);
            if (!running) {
                ours.forEach(Fd::close);
            }
        }
    }

    private Started withTerminal(
            ExecRequest exec,
            Path directory,
            Path log,
            List<String> arguments,
            Streams streams,
            CompletableFuture<Void> silent)
            throws IOException, RuntimeFailure {
        try (Fd parent = Fd.open(directory, Fd.O_PATH | Fd.O_DIRECTORY, 0);
                Fd listener = UnixSocket.listen(directory, "console", UnixSocket.STREAM)) {
            arguments.addAll(List.of(
                    "--tty",
                    "--console-socket",
                    parent.procPath().resolve("console").toString(),
                    container));
            Launcher.Child child = command.start(log, Map.of(), arguments);
            int pid = awaitStart(exec, directory, log, child);
            try (Fd connection = UnixSocket.accept(listener)) {
                Fd master = UnixSocket.receiveDescriptor(connection);
                streams.connect(master.duplicate(), master, null, () -> silent.complete(null));
                streams.terminal(master);
            }
            return new Started(child, pid);
        }
    }

    /** The process's number: the runtime writes it once it has prepared the process and knows that there is such a program. */
    private static int awaitStart(ExecRequest exec, Path directory, Path log, Launcher.Child child)
            throws IOException, RuntimeFailure {
        Path file = directory.resolve("pid");
        while (true) {
            boolean ended = child.exit().isDone();
            String number = Files.exists(file) ? Files.readString(file).strip() : "";
            if (!number.isEmpty()) {
                return Integer.parseInt(number);
            }
            if (ended) {
                throw OciFailure.ofExec(
                        log,
                        Json.MAPPER
                                .readTree(exec.process())
                                .path("args")
                                .path(0)
                                .asString(null));
            }
            LockSupport.parkNanos(PID_FILE_NANOS);
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
