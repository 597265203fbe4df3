package dev.capas.runtime;

import dev.capas.errdefs.EngineException;
import dev.capas.home.EngineHome;
import dev.capas.linux.Fd;
import dev.capas.linux.Poller;
import dev.capas.linux.Processes;
import dev.capas.linux.Spawn;
import dev.capas.linux.TopDirectory;
import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Containers by way of conmon, one for each, and an OCI runtime. */
final class ConmonRuntime implements ContainerRuntime, AutoCloseable {
    private static final int SYNC_PIPE = 3;
    private static final int START_PIPE = 4;
    private static final long SWEEP_SECONDS = 10;
    private static final System.Logger LOG = System.getLogger(ConmonRuntime.class.getName());

    private final EngineHome home;
    private final OciRuntimes runtimes;
    private final Path dataRoot;
    private final Path execRoot;
    private final Path state;
    private final Poller poller;
    private final Launcher launcher;
    private final ExitFiles exits;
    private final ExecutorService blocking = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("runtime-", 0).factory());
    private final CgroupLock cgroupLock = new CgroupLock(blocking);
    private final Map<String, String> filters = new ConcurrentHashMap<>();
    private final String bootId;

    ConmonRuntime(EngineHome home, RuntimeSettings settings) throws IOException {
        this.home = home;
        this.runtimes = new OciRuntimes(settings);
        this.dataRoot = Files.createDirectories(home.dataRoot());
        this.execRoot = Files.createDirectories(home.execRoot());
        this.state = TopDirectory.create(execRoot.resolve("oci"));
        this.bootId = Processes.bootId();
        this.poller = new Poller("streams");
        this.launcher = new Launcher(
                new SharedMount(dataRoot, execRoot.resolve("shared"), bootId), execRoot.resolve("nothing"), poller);
        this.exits = new ExitFiles(execRoot.resolve("exits"));
    }

    @Override
    public StreamHub newHub(boolean terminal, boolean openStdin, boolean stdinOnce) {
        return new Streams(poller, home, openStdin && stdinOnce && !terminal);
    }

    @Override
    public StreamHub newExecHub(boolean terminal) {
        return new Streams(poller, home, !terminal);
    }

    @Override
    public Optional<String> compiledFilter(String seccompProfile) {
        return Optional.ofNullable(filters.get(seccompProfile));
    }

    @Override
    public void expectStart() {
        cgroupLock.expect();
    }

    @Override
    public Task create(TaskRequest request) throws RuntimeFailure {
        try {
            return onPlatformThread(() -> createNow(request));
        } catch (IOException e) {
            throw new RuntimeFailure("failed to create task for container: " + e.getMessage(), 128);
        }
    }

    @Override
    public Optional<Task> adopt(TaskRequest request, ProcessIdentity init, ProcessIdentity conmon) {
        if (!init.bootId().equals(bootId)) {
            return Optional.empty();
        }
        try {
            ConmonTask task = new ConmonTask(context(), command(request), request, init, conmon);
            if (waitsToBeStarted(request.id())) {
                task.delete();
                return Optional.empty();
            }
            if (isAlive(conmon)) {
                task.takeOver();
            } else {
                task.conmonIsGone();
            }
            return Optional.of(task);
        } catch (IOException e) {
            throw EngineException.system("cannot take over container " + request.id(), e);
        }
    }

    /** Whether init has not been let go yet: crun and runc keep this file till then. */
    private boolean waitsToBeStarted(String id) {
        return Files.exists(state.resolve(id).resolve("exec.fifo"));
    }

    @Override
    public void sweep(Set<String> known) throws IOException {
        Map<ProcessHandle, String> conmons = conmons();
        Set<String> stray = new TreeSet<>(conmons.values());
        try (DirectoryStream<Path> states = Files.newDirectoryStream(state)) {
            states.forEach(directory -> stray.add(directory.getFileName().toString()));
        }
        stray.removeAll(known);
        conmons.forEach((conmon, id) -> {
            if (stray.contains(id)) {
                List<ProcessHandle> below = conmon.descendants().toList();
                conmon.destroyForcibly();
                below.forEach(ProcessHandle::destroyForcibly);
            }
        });
        for (String id : stray) {
            deleteStray(id);
            exits.remove(id);
        }
    }

    /** A container that the runtime cannot delete is left to the next start, and holds up nothing. */
    private void deleteStray(String id) throws IOException {
        Path log = Files.createTempFile(execRoot, "sweep", ".log");
        try {
            command(null)
                    .start(log, Map.of(), List.of("delete", "--force", id))
                    .exit()
                    .get(SWEEP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.log(System.Logger.Level.WARNING, "container " + id + " of an earlier run is not deleted", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.delete(log);
        }
    }

    /** The conmons that this engine or an earlier run of it has started, each with its container; also those that wait for a runtime still. */
    private Map<ProcessHandle, String> conmons() {
        Map<ProcessHandle, String> found = new HashMap<>();
        ProcessHandle.allProcesses().forEach(process -> {
            List<String> line = commandLine(Path.of("/proc", Long.toString(process.pid())));
            int id = line.indexOf("--cid") + 1;
            if (line.getFirst().endsWith("conmon")
                    && id > 0
                    && id < line.size()
                    && line.contains(exits.directory().toString())) {
                found.put(process, line.get(id));
            }
        });
        return found;
    }

    @Override
    public boolean knows(String runtime) {
        return runtimes.knows(runtime);
    }

    @Override
    public Optional<String> unavailable() {
        if (OciRuntimes.conmon().isEmpty()) {
            return Optional.of("conmon is not installed: containers cannot be started (apt-get install conmon)");
        }
        try {
            runtimes.program(null);
        } catch (EngineException e) {
            return Optional.of("no OCI runtime is installed: containers cannot be started (apt-get install crun)");
        }
        return Processes.effectiveUser() == 0
                ? launcher.refused()
                : Optional.of("the engine does not run as root: containers cannot be started");
    }

    @Override
    public void close() throws IOException {
        exits.close();
        launcher.close();
        poller.close();
        blocking.shutdown();
        Cgroup.removeApart();
    }

    /** What tasks share with their runtime. */
    record Context(Poller poller, ExitFiles exits, ExecutorService blocking) {}

    private Context context() {
        return new Context(poller, exits, blocking);
    }

    private RuntimeCommand command(@Nullable TaskRequest request) throws IOException {
        Path program = runtimes.program(request == null ? null : request.runtime());
        return new RuntimeCommand(launcher, runtimes.executable(program), state);
    }

    private Task createNow(TaskRequest request) throws IOException, RuntimeFailure {
        Path bundle = request.directory().resolve("bundle");
        Path log = bundle.resolve("runtime.log");
        Files.deleteIfExists(log);
        Files.deleteIfExists(request.directory().resolve("oom"));
        Files.deleteIfExists(bundle.resolve("attach"));
        Files.deleteIfExists(bundle.resolve("conmon.pid"));
        exits.remove(request.id());
        RuntimeCommand command = command(request);
        Fd[] sync = Fd.pipe();
        Fd[] begin = Fd.pipe();
        try (Fd from = sync[0];
                Fd go = begin[1]) {
            Map<Integer, Fd> descriptors = new HashMap<>(Map.of(SYNC_PIPE, sync[1], START_PIPE, begin[0]));
            for (int number : request.inherited()) {
                descriptors.put(SYNC_PIPE + descriptors.size(), Fd.of(number));
            }
            Map<String, String> environment = new HashMap<>(RuntimeCommand.ENVIRONMENT);
            environment.put("_OCI_SYNCPIPE", Integer.toString(SYNC_PIPE));
            environment.put("_OCI_STARTPIPE", Integer.toString(START_PIPE));
            int launched = launcher.startAmongMounts(new Spawn(
                            conmon(request, bundle, log, command), environment, request.directory(), descriptors))
                    .pid();
            sync[1].close();
            begin[0].close();
            Cgroup.setApart(launched);
            go.writeAll(new byte[1], 0, 1);
            int pid = pidFrom(from);
            if (pid <= 0) {
                exits.remove(request.id());
                JsonNode config = Json.MAPPER.readTree(Files.readAllBytes(bundle.resolve("config.json")));
                Cgroup.remove(config.path("linux").path("cgroupsPath").asString(""));
                throw OciFailure.ofStart(
                        log, config.path("process").path("args").path(0).asString(null));
            }
            ProcessIdentity init = identity(pid);
            int conmonPid = pidOfConmon(bundle.resolve("conmon.pid"));
            ConmonTask task = new ConmonTask(context(), command, request, init, identity(conmonPid));
            takeUp(task);
            keepFilter(request);
            return task;
        } finally {
            sync[1].close();
            begin[0].close();
        }
    }

    private static void takeUp(ConmonTask task) throws IOException {
        try {
            task.connect();
            task.watch();
        } catch (IOException e) {
            task.delete();
            throw e;
        }
    }

    private static List<String> conmon(TaskRequest request, Path bundle, Path log, RuntimeCommand command) {
        List<String> line = new ArrayList<>(List.of(
                OciRuntimes.conmon()
                        .orElseThrow(() -> EngineException.unavailable("conmon is not installed"))
                        .toString(),
                "--api-version",
                "1",
                "--cid",
                request.id(),
                "--cuuid",
                request.id(),
                "--runtime",
                command.executable(),
                "--bundle",
                bundle.toString(),
                "--container-pidfile",
                bundle.resolve("init.pid").toString(),
                "--conmon-pidfile",
                bundle.resolve("conmon.pid").toString(),
                "--exit-dir",
                command.state().resolveSibling("exits").toString(),
                "--full-attach",
                "--no-sync-log",
                "--log-level",
                "error",
                "--log-path",
                request.logPath() == null ? "none" : "k8s-file:" + request.logPath()));
        command.options(log).forEach(option -> line.addAll(List.of("--runtime-arg", option)));
        if (request.terminal()) {
            line.add("--terminal");
        }
        if (request.openStdin()) {
            line.add("--stdin");
        }
        if (!request.openStdin() || !request.stdinOnce() || request.terminal()) {
            line.add("--leave-stdin-open");
        }
        return line;
    }

    /** The process that started conmon writes the file, and may be slower than conmon itself. */
    private static int pidOfConmon(Path file) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (true) {
            try {
                return Integer.parseInt(Files.readString(file).strip());
            } catch (NoSuchFileException | NumberFormatException e) {
                if (System.nanoTime() > end) {
                    throw new IOException("conmon did not say which process it is", e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
    }

    /** The number of init, which is the first line that conmon says; it keeps the pipe open after it. */
    private static int pidFrom(Fd sync) throws IOException {
        byte[] said = new byte[8 << 10];
        int length = 0;
        while (length < said.length && (length == 0 || said[length - 1] != '\n')) {
            int n = sync.read(said, length, said.length - length);
            if (n < 0) {
                return -1;
            }
            length += n;
        }
        return Json.MAPPER.readTree(said, 0, length).path("data").asInt(-1);
    }

    private void keepFilter(TaskRequest request) throws IOException {
        String profile = request.seccompProfile();
        Path compiled = state.resolve(request.id()).resolve("seccomp.bpf");
        if (profile != null && !filters.containsKey(profile) && Files.exists(compiled)) {
            filters.put(profile, Base64.getEncoder().encodeToString(Files.readAllBytes(compiled)));
        }
    }

    private ProcessIdentity identity(int pid) {
        return new ProcessIdentity(bootId, pid, Processes.startTime(pid).orElse(0));
    }

    static boolean isAlive(ProcessIdentity process) {
        OptionalLong start = Processes.startTime(process.pid());
        return start.isPresent() && start.getAsLong() == process.startTime();
    }

    private static List<String> commandLine(Path process) {
        try {
            return List.of(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                    .split("\0"));
        } catch (IOException e) {
            return List.of("");
        }
    }

    private interface Work<T> {
        T now() throws IOException, RuntimeFailure;
    }

    /** Runs what blocks in foreign calls where it holds no carrier of virtual threads. */
    private <T> T onPlatformThread(Work<T> work) throws IOException, RuntimeFailure {
        try {
            return CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return work.now();
                                } catch (IOException | RuntimeFailure e) {
                                    throw new CompletionException(e);
                                }
                            },
                            blocking)
                    .join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeFailure failure -> throw failure;
                case RuntimeException other -> throw other;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
