package dev.capas.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.e2e.Command;
import dev.capas.e2e.Rootfs;
import dev.capas.home.EngineHome;
import dev.capas.linux.Mounts;
import dev.capas.linux.Processes;
import dev.capas.linux.Signals;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real containers of a static busybox, under the real conmon and crun. */
class ConmonRuntimeIT {
    private static Path rootfs;

    private Path root;
    private ConmonRuntime runtime;
    private int containers;

    @BeforeAll
    static void unpack() throws Exception {
        rootfs = Files.createTempDirectory("rootfs");
        Path tar = Files.write(Files.createTempFile("busybox", ".tar"), Rootfs.busybox());
        Command.run("tar", "-C", rootfs.toString(), "-xf", tar.toString()).ok();
        Files.delete(tar);
    }

    @AfterAll
    static void removeTree() {
        Command.run("rm", "-rf", rootfs.toString()).ok();
    }

    @BeforeEach
    void start() throws Exception {
        root = Files.createTempDirectory("runtime");
        runtime = new ConmonRuntime(home(), RuntimeSettings.DEFAULT);
    }

    @AfterEach
    void removeAll() throws Exception {
        runtime.sweep(Set.of());
        runtime.close();
        assertThat(Files.readAllLines(Path.of("/proc/mounts"))).noneMatch(line -> line.contains(root.toString()));
        Command.run("rm", "-rf", root.toString()).ok();
    }

    @Test
    void outputAndExitCodeCome() throws Exception {
        TaskRequest request = request(false, false, "sh", "-c", "echo out; echo err >&2; exit 3");
        StreamHub.Subscription output = request.hub().subscribe(true, true);
        Task task = runtime.create(request);
        assertThat(Processes.startTime(task.init().pid())).hasValue(task.init().startTime());
        task.start();
        assertThat(read(output, StreamHub.Source.STDOUT, StreamHub.Source.STDERR))
                .contains("out\n", "err\n");
        assertThat(task.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(3);
        task.delete();
        assertThat(request.directory().resolve("log"))
                .content()
                .contains(" stdout F out\n")
                .contains(" stderr F err\n");
        awaitEnd(task.conmon().pid());
    }

    @Test
    void inputAndItsEndMayComeBeforeTheStart() throws Exception {
        TaskRequest request = request(false, true, "cat");
        StreamHub.Subscription output = request.hub().subscribe(true, false);
        byte[] input = Rootfs.filler(700_000);
        request.hub().input().write(input, 0, input.length);
        request.hub().input().close();
        Task task = runtime.create(request);
        task.start();
        assertThat(read(output, StreamHub.Source.STDOUT)).isEqualTo(new String(input, StandardCharsets.US_ASCII));
        assertThat(task.exit().get(10, TimeUnit.SECONDS).code()).isZero();
        task.delete();
    }

    @Test
    void aTerminalHasTheSizeThatWasAskedForBeforehand() throws Exception {
        TaskRequest request = request(true, true, "sh", "-c", "stty size; read line; stty size; exit 4");
        StreamHub.Subscription output = request.hub().subscribe(true, true);
        request.hub().resize(33, 99);
        Task task = runtime.create(request);
        task.start();
        request.hub().resize(44, 111);
        request.hub().input().write("x\n".getBytes(StandardCharsets.US_ASCII), 0, 2);
        assertThat(read(output, StreamHub.Source.STDOUT)).contains("44 111\r\n");
        assertThat(task.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(4);
        task.delete();
    }

    @Test
    void execsRunBesideInit() throws Exception {
        TaskRequest request = request(false, false, "sleep", "100");
        Task task = runtime.create(request);
        task.start();
        StreamHub hub = runtime.newExecHub(false);
        StreamHub.Subscription output = hub.subscribe(true, true);
        hub.input().write("typed".getBytes(StandardCharsets.US_ASCII), 0, 5);
        hub.input().close();
        ExecTask exec = task.exec(
                new ExecRequest(id(), process(false, "sh", "-c", "cat; echo $$ >&2; exit 9"), false, true, hub));
        assertThat(read(output, StreamHub.Source.STDOUT)).isEqualTo("typed");
        assertThat(exec.exit().get(10, TimeUnit.SECONDS)).isEqualTo(9);

        StreamHub terminal = runtime.newExecHub(true);
        StreamHub.Subscription screen = terminal.subscribe(true, true);
        terminal.resize(12, 34);
        ExecTask shell = task.exec(
                new ExecRequest(id(), process(true, "sh", "-c", "read x; stty size; tty"), true, true, terminal));
        terminal.input().write("\n".getBytes(StandardCharsets.US_ASCII), 0, 1);
        assertThat(read(screen, StreamHub.Source.STDOUT)).contains("12 34\r\n/dev/pts/");
        assertThat(shell.exit().get(10, TimeUnit.SECONDS)).isZero();

        assertThatThrownBy(() -> task.exec(
                        new ExecRequest(id(), process(false, "nope"), false, false, runtime.newExecHub(false))))
                .isInstanceOfSatisfying(
                        RuntimeFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(127))
                .hasMessageContaining("exec: \"nope\": executable file not found in $PATH");
        task.kill(Signals.SIGKILL);
        assertThat(task.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(137);
        task.delete();
    }

    @Test
    void failuresHaveDockersWords() throws Exception {
        Map<String, String> words = Map.of(
                "nope", "exec: \"nope\": executable file not found in $PATH",
                "/nope", "exec: \"/nope\": stat /nope: no such file or directory",
                "/etc/passwd", "exec: \"/etc/passwd\": permission denied",
                "/tmp", "exec: \"/tmp\": is a directory: permission denied");
        for (Map.Entry<String, String> entry : words.entrySet()) {
            TaskRequest request = request(false, false, entry.getKey());
            assertThatThrownBy(() -> runtime.create(request).start())
                    .isInstanceOfSatisfying(
                            RuntimeFailure.class,
                            failure -> assertThat(failure.exitCode())
                                    .isEqualTo(entry.getKey().endsWith("nope") ? 127 : 126))
                    .hasMessageContaining(
                            "OCI runtime create failed: runc create failed: unable to start container process: ")
                    .hasMessageContaining(entry.getValue());
        }
    }

    @Test
    void pausedProcessesWait() throws Exception {
        TaskRequest request = request(false, false, "sh", "-c", "while true; do echo x; sleep 0.01; done");
        Task task = runtime.create(request);
        task.start();
        Thread.sleep(200);
        task.pause();
        Thread.sleep(50);
        long size = Files.size(request.directory().resolve("log"));
        Thread.sleep(200);
        assertThat(Files.size(request.directory().resolve("log"))).isEqualTo(size);
        task.resume();
        Thread.sleep(200);
        assertThat(Files.size(request.directory().resolve("log"))).isGreaterThan(size);
        task.kill(Signals.SIGKILL);
        task.exit().get(10, TimeUnit.SECONDS);
        task.delete();
    }

    @Test
    void aNewDaemonTakesOver() throws Exception {
        TaskRequest runs = request(false, false, "sh", "-c", "while true; do echo tick; sleep 0.05; done");
        TaskRequest ends = request(false, false, "sh", "-c", "sleep 0.3; exit 6");
        TaskRequest orphan = request(false, false, "sleep", "100");
        Task running = runtime.create(runs);
        Task ending = runtime.create(ends);
        Task orphaned = runtime.create(orphan);
        for (Task task : List.of(running, ending, orphaned)) {
            task.start();
        }
        runtime.close();
        Processes.kill(orphaned.conmon().pid(), Signals.SIGKILL);
        Thread.sleep(600);

        runtime = new ConmonRuntime(home(), RuntimeSettings.DEFAULT);
        TaskRequest again = withNewHub(runs);
        StreamHub.Subscription output = again.hub().subscribe(true, false);
        Task adopted = runtime.adopt(again, running.init(), running.conmon()).orElseThrow();
        assertThat(new String(output.next().bytes(), StandardCharsets.UTF_8)).startsWith("tick\n");
        Task ended =
                runtime.adopt(withNewHub(ends), ending.init(), ending.conmon()).orElseThrow();
        assertThat(ended.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(6);
        Exit lost = runtime.adopt(withNewHub(orphan), orphaned.init(), orphaned.conmon())
                .orElseThrow()
                .exit()
                .get(10, TimeUnit.SECONDS);
        assertThat(lost.code()).isEqualTo(137);
        assertThat(lost.error()).contains("conmon");
        assertThat(Processes.startTime(orphaned.init().pid())).isEmpty();
        adopted.kill(Signals.SIGKILL);
        assertThat(adopted.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(137);
        adopted.delete();
    }

    @Test
    void inputOfARunDoesNotReachTheNext() throws Exception {
        TaskRequest request = request(false, true, "cat");
        StreamHub.Input first = request.hub().input();
        Task task = runtime.create(request);
        task.start();
        task.kill(Signals.SIGKILL);
        assertThat(task.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(137);
        task.delete();
        first.write("late".getBytes(StandardCharsets.US_ASCII), 0, 4);
        first.close();

        StreamHub.Subscription output = request.hub().subscribe(true, false);
        Task again = runtime.create(request);
        again.start();
        StreamHub.Input second = request.hub().input();
        second.write("typed".getBytes(StandardCharsets.US_ASCII), 0, 5);
        second.close();
        assertThat(read(output, StreamHub.Source.STDOUT)).isEqualTo("typed");
        assertThat(again.exit().get(10, TimeUnit.SECONDS).code()).isZero();
        again.delete();
    }

    @Test
    void aContainerThatLosesItsConmonEnds() throws Exception {
        TaskRequest request = request(false, false, "sleep", "100");
        Task task = runtime.create(request);
        task.start();
        Processes.kill(task.conmon().pid(), Signals.SIGKILL);
        Exit exit = task.exit().get(10, TimeUnit.SECONDS);
        assertThat(exit.code()).isEqualTo(137);
        assertThat(exit.error()).contains("conmon");
        task.delete();
        assertThat(Processes.startTime(task.init().pid())).isEmpty();
    }

    @Test
    void whatRunsIsDeletedToo() throws Exception {
        Task neverStarted = runtime.create(request(false, false, "sleep", "100"));
        neverStarted.delete();
        assertThat(Processes.startTime(neverStarted.init().pid())).isEmpty();
        Task task = runtime.create(request(false, false, "sleep", "100"));
        task.start();
        task.delete();
        assertThat(task.exit().get(1, TimeUnit.SECONDS).code()).isEqualTo(137);
    }

    @Test
    void whatInitLeavesBehindOutsideAPidNamespaceEndsToo() throws Exception {
        TaskRequest request = request(false, false, "sh", "-c", "sleep 4321 >/dev/null 2>&1 & echo $!");
        Path config = request.directory().resolve("bundle/config.json");
        String shared = Files.readString(config).replaceFirst("\\{\"type\":\"pid\"\\},?", "");
        assertThat(shared).doesNotContain("\"pid\"");
        Files.writeString(config, shared);
        StreamHub.Subscription output = request.hub().subscribe(true, false);
        Task task = runtime.create(request);
        task.start();
        int left = Integer.parseInt(read(output, StreamHub.Source.STDOUT).strip());
        assertThat(task.exit().get(10, TimeUnit.SECONDS).code()).isZero();
        task.delete();
        awaitEnd(left);
        assertThat(root.resolve("exec/oci").resolve(request.id())).doesNotExist();
    }

    @Test
    void anExecThatFailsInTheRuntimeSaysNothingElse() throws Exception {
        Task task = runtime.create(request(false, false, "sleep", "100"));
        task.start();
        for (boolean terminal : new boolean[] {false, true}) {
            StreamHub hub = runtime.newExecHub(terminal);
            StreamHub.Subscription output = hub.subscribe(true, true);
            String process = process(terminal, "sh").replace("\"uid\":0", "\"uid\":0,\"additionalGids\":[-1]");
            assertThatThrownBy(() -> task.exec(new ExecRequest(id(), process, terminal, false, hub)))
                    .isInstanceOf(RuntimeFailure.class)
                    .hasMessageStartingWith("OCI runtime exec failed: exec failed: ");
            hub.close();
            assertThat(output.next()).isNull();
        }
        task.delete();
    }

    @Test
    void aChildHoldsTheStreamsOfAnExecForTwoSeconds() throws Exception {
        Task task = runtime.create(request(false, false, "sleep", "100"));
        task.start();
        StreamHub hub = runtime.newExecHub(false);
        StreamHub.Subscription output = hub.subscribe(true, true);
        long start = System.nanoTime();
        ExecTask exec =
                task.exec(new ExecRequest(id(), process(false, "sh", "-c", "sleep 50 & echo x"), false, false, hub));
        assertThat(read(output, StreamHub.Source.STDOUT)).isEqualTo("x\n");
        assertThat(System.nanoTime() - start).isBetween(1_900_000_000L, 10_000_000_000L);
        assertThat(exec.exit().get(1, TimeUnit.SECONDS)).isZero();
        task.delete();
    }

    @Test
    void theDataRootMayBeAMountThatIsNotShared() throws Exception {
        Path own = Files.createDirectories(root.resolve("own"));
        Mounts.mount("tmpfs", own, "tmpfs", 0, null);
        try {
            Mounts.propagation(own, Mounts.MS_PRIVATE);
            Path mark = root.resolve("mark");
            SharedMount shared = new SharedMount(own, mark, Processes.bootId());
            shared.make();
            new SharedMount(own, mark, Processes.bootId()).make();
            assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                            .filter(line -> line.split(" ")[4].equals(own.toString()))
                            .toList())
                    .hasSize(2)
                    .last(org.assertj.core.api.InstanceOfAssertFactories.STRING)
                    .contains(" shared:");
            shared.close();
            assertThat(mark).doesNotExist();
            assertThat(Files.readAllLines(Path.of("/proc/mounts")).stream()
                            .filter(line -> line.contains(own.toString())))
                    .hasSize(1);
        } finally {
            Mounts.unmount(own, Mounts.DETACH);
        }
    }

    @Test
    void aListenerThatDoesNotReadHoldsBackNobody() throws Exception {
        TaskRequest request =
                request(false, false, "sh", "-c", "yes 0123456789012345678901234567890123456789 | head -c 60000000");
        StreamHub.Subscription sleeper = request.hub().subscribe(true, true);
        StreamHub.Subscription reader = request.hub().subscribe(true, true);
        Task task = runtime.create(request);
        long before = heap();
        task.start();
        long bytes = 0;
        for (StreamHub.Chunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
            bytes += chunk.bytes().length;
        }
        assertThat(bytes).isEqualTo(60_000_000);
        assertThat(heap() - before).isLessThan(20_000_000);
        task.exit().get(30, TimeUnit.SECONDS);
        assertThat(read(sleeper, StreamHub.Source.STDOUT)).hasSize(60_000_000);
        task.delete();
    }

    private static void awaitEnd(int process) throws InterruptedException {
        for (int wait = 0; wait < 500 && Processes.startTime(process).isPresent(); wait++) {
            Thread.sleep(10);
        }
        assertThat(Processes.startTime(process)).isEmpty();
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void manyAtOnceLeaveNothing() throws Exception {
        List<Long> nanos = new ArrayList<>();
        try (var four = Executors.newFixedThreadPool(4)) {
            List<TaskRequest> requests = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                requests.add(request(false, false, "true"));
            }
            List<Future<Long>> cycles = new ArrayList<>();
            for (TaskRequest request : requests) {
                cycles.add(four.submit(() -> cycle(request)));
            }
            for (Future<Long> cycle : cycles) {
                nanos.add(cycle.get());
            }
        }
        long alone = cycle(request(false, false, "true"));
        System.out.printf(
                "create, start, wait, delete: %d ms alone, %d ms as one of four%n",
                alone / 1_000_000, nanos.get(25) / 1_000_000);
        assertThat(Files.list(root.resolve("exec/oci"))).isEmpty();
        assertThat(Command.run("find", "/sys/fs/cgroup", "-name", "capas-test-" + root.getFileName() + "*")
                        .out())
                .isEmpty();
    }

    private long cycle(TaskRequest request) throws Exception {
        long start = System.nanoTime();
        Task task = runtime.create(request);
        task.start();
        assertThat(task.exit().get(30, TimeUnit.SECONDS).code()).isZero();
        task.delete();
        return System.nanoTime() - start;
    }

    private EngineHome home() {
        return new EngineHome(root.resolve("data"), root.resolve("exec"));
    }

    private String id() {
        return Digest.ofContent((root + " " + containers++).getBytes(StandardCharsets.UTF_8))
                .hex();
    }

    private TaskRequest request(boolean terminal, boolean stdin, String... command) throws Exception {
        String id = id();
        Path directory = Files.createDirectories(root.resolve("data/containers").resolve(id));
        Files.createDirectory(directory.resolve("bundle"));
        Map<String, Object> config = Map.of(
                "ociVersion", "1.0.0",
                "root", Map.of("path", rootfs.toString()),
                "process", Json.MAPPER.readValue(process(terminal, command), Map.class),
                "hostname", "test",
                "mounts",
                        List.of(
                                Map.of("destination", "/proc", "type", "proc", "source", "proc"),
                                Map.of("destination", "/dev", "type", "tmpfs", "source", "tmpfs"),
                                Map.of(
                                        "destination",
                                        "/dev/pts",
                                        "type",
                                        "devpts",
                                        "source",
                                        "devpts",
                                        "options",
                                        List.of("newinstance", "ptmxmode=0666"))),
                "linux",
                        Map.of(
                                "cgroupsPath",
                                "/capas-test-" + root.getFileName() + "-" + id.substring(0, 12),
                                "namespaces",
                                List.of(
                                        Map.of("type", "pid"),
                                        Map.of("type", "network"),
                                        Map.of("type", "ipc"),
                                        Map.of("type", "uts"),
                                        Map.of("type", "mount"))));
        Json.MAPPER.writeValue(directory.resolve("bundle/config.json").toFile(), config);
        return new TaskRequest(
                id,
                directory,
                directory.resolve("log"),
                terminal,
                stdin,
                stdin,
                null,
                null,
                runtime.newHub(terminal, stdin, stdin),
                List.of());
    }

    private static String process(boolean terminal, String... command) {
        return Json.MAPPER.writeValueAsString(Map.of(
                "terminal", terminal,
                "user", Map.of("uid", 0, "gid", 0),
                "args", List.of(command),
                "env", List.of("PATH=/bin"),
                "cwd", "/"));
    }

    private TaskRequest withNewHub(TaskRequest old) {
        return new TaskRequest(
                old.id(),
                old.directory(),
                old.logPath(),
                old.terminal(),
                old.openStdin(),
                old.stdinOnce(),
                null,
                null,
                runtime.newHub(false, false, false),
                List.of());
    }

    private static String read(StreamHub.Subscription subscription, StreamHub.Source... sources)
            throws InterruptedException {
        StringBuilder text = new StringBuilder();
        for (StreamHub.Chunk chunk = subscription.next(); chunk != null; chunk = subscription.next()) {
            if (List.of(sources).contains(chunk.source())) {
                text.append(new String(chunk.bytes(), StandardCharsets.UTF_8));
            }
        }
        return text.toString();
    }
}
