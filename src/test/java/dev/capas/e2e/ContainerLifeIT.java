package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.runtime.ResourceUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of a container while it lives, in the order and the words of dockerd 28.5.2; and what else on the machine it touches. */
class ContainerLifeIT {
    private static final String POLITE = "trap 'exit 0' TERM INT; echo ready; while :; do sleep 0.05; done";
    private static final String RUDE = "trap '' TERM; echo ready; while :; do sleep 0.05; done";

    private static Engine engine;
    private static Docker docker;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
        docker.run(Rootfs.withAccounts(), "import", "--change", "CMD [\"sh\"]", "-", "busybox")
                .ok();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    @AfterEach
    void remove() {
        docker.run("rm", "-fv", "one", "other");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "polite|stop one|kill 15,stop ,die 0",
                "rude|stop -t 0 one|kill 15,kill 9,stop ,die 137",
                "polite|stop -s INT one|kill 2,stop ,die 0",
                "polite|kill one|kill 9,die 137",
                "polite|restart one|kill 15,stop ,die 0,start ,restart ",
                "rude|restart -t 0 one|kill 15,kill 9,stop ,die 137,start ,restart ",
                "polite|rm -f one|kill 9,die 137,destroy ",
                "polite|top one|top ",
                "polite|rename one other|rename ",
                "polite|update --memory 64m --memory-swap 64m one|update ",
                "paused|stop one|kill 15,unpause ,stop ,die 0",
                "paused|kill one|kill 9,die 137",
                "polite|exec -d one true a|exec_create: true a ,exec_start: true a ",
            })
    void tellsInOrder(String kind, String command, String expected) throws Exception {
        docker.ok(
                "run",
                "-d",
                "--name",
                "one",
                "--network",
                "none",
                "busybox",
                "sh",
                "-c",
                kind.equals("rude") ? RUDE : POLITE);
        awaitReady();
        if (kind.equals("paused")) {
            docker.ok("pause", "one");
        }
        String since = now();
        docker.ok(command.split(" "));
        List<String> told = awaitEvents(since, expected.split(",").length);
        assertThat(String.join(",", told).strip()).isEqualTo(expected);
    }

    @Test
    void tellsOfMemoryThatRanOut() throws Exception {
        String since = now();
        Command.Result run = docker.run(
                "run",
                "--name",
                "one",
                "-m",
                "16m",
                "--memory-swap",
                "16m",
                "busybox",
                "dd",
                "if=/dev/zero",
                "of=/dev/null",
                "bs=64M",
                "count=1");
        assertThat(run.code()).isEqualTo(137);
        assertThat(docker.ok("inspect", "-f", "{{.State.OOMKilled}} {{.State.ExitCode}}", "one"))
                .isEqualTo("true 137");
        assertThat(awaitEvents(since, 5)).containsExactly("create ", "attach ", "start ", "oom ", "die 137");
    }

    @Test
    void changesLimitsOfWhatRuns() throws Exception {
        docker.ok("run", "-d", "--name", "one", "--cpus", "0.5", "--pids-limit", "50", "busybox", "sleep", "1000");
        docker.ok(
                "update",
                "--memory",
                "64m",
                "--memory-swap",
                "128m",
                "--pids-limit",
                "77",
                "--restart",
                "on-failure:3",
                "one");
        assertThat(docker.ok(
                        "inspect",
                        "-f",
                        "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy}}",
                        "one"))
                .isEqualTo("67108864 134217728 77 {on-failure 3}");
        assertThat(cgroup("memory.max memory/memory.limit_in_bytes")).isEqualTo("67108864");
        assertThat(cgroup("pids.max pids/pids.max")).isEqualTo("77");
        docker.ok("update", "--pids-limit", "-1", "one");
        assertThat(cgroup("pids.max pids/pids.max")).isEqualTo("max");
        assertThat(docker.ok("inspect", "-f", "{{.HostConfig.PidsLimit}}", "one"))
                .isEqualTo("0");
        assertThat(docker.run("update", "--memory", "1g", "one").err())
                .contains(
                        "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time");
        docker.ok("run", "-d", "--name", "other", "--cpu-quota", "50000", "busybox", "sleep", "1000");
        docker.ok("update", "--cpu-quota", "-1", "other");
        assertThat(docker.ok(
                        "exec",
                        "other",
                        "sh",
                        "-c",
                        "cd /sys/fs/cgroup; cat cpu.max cpu/cpu.cfs_quota_us 2>/dev/null | xargs"))
                .isEqualTo(ResourceUsage.unified() ? "max 100000" : "-1");
    }

    private static String cgroup(String files) {
        return docker.ok("exec", "one", "sh", "-c", "cd /sys/fs/cgroup; cat " + files + " 2>/dev/null | xargs");
    }

    @Test
    void keepsConmonOutOfItsCgroupsAndTheContainers() throws Exception {
        docker.ok("run", "-d", "--name", "one", "busybox", "sleep", "1000");
        String id = docker.ok("inspect", "-f", "{{.Id}}", "one");
        String conmon = Files.readString(engine.directory().resolve("data/containers/" + id + "/bundle/conmon.pid"))
                .strip();
        String cgroups = Files.readString(Path.of("/proc", conmon, "cgroup"));
        assertThat(cgroups).doesNotContain(id).containsPattern("(?m)^(0:|[0-9]+:name=systemd):.*/capas-conmon$");
        String init = docker.ok("inspect", "-f", "{{.State.Pid}}", "one");
        assertThat(Files.readAllLines(Path.of("/proc", init, "cgroup"))).allMatch(line -> line.endsWith("/" + id));
    }

    @Test
    void leavesNoCgroupWhereItCannotStart() {
        String id = docker.ok("create", "--name", "one", "busybox", "/nope");
        assertThat(docker.run("start", "one").code()).isNotZero();
        assertThat(Command.run("find", "/sys/fs/cgroup", "-type", "d", "-name", id)
                        .out())
                .isEmpty();
    }

    @Test
    void seesWhatTheMachineMountedAfterTheEngineBegan() throws Exception {
        Path late = Files.createDirectory(engine.directory().resolve("late"));
        Command.run("mount", "-t", "tmpfs", "tmpfs", late.toString()).ok();
        try {
            Files.writeString(late.resolve("file"), "mounted late");
            assertThat(docker.ok("run", "--rm", "-v", late + ":/mnt", "busybox", "cat", "/mnt/file"))
                    .isEqualTo("mounted late");
        } finally {
            Command.run("umount", late.toString()).ok();
        }
    }

    @Test
    void keepsAVolumeThatAnotherContainerStillHas() {
        docker.ok(
                "run",
                "-d",
                "--name",
                "one",
                "-v",
                "/data",
                "busybox",
                "sh",
                "-c",
                "echo kept >/data/file; exec sleep 1000");
        docker.ok("run", "--name", "other", "--volumes-from", "one", "busybox", "true");
        docker.ok("rm", "-v", "other");
        assertThat(docker.ok("exec", "one", "cat", "/data/file")).isEqualTo("kept");
    }

    @Test
    void saysWhyItCannotMount() throws IOException {
        Path file = Files.writeString(engine.directory().resolve("file"), "x");
        Command.Result run = docker.run("run", "--name", "one", "-v", file + ":/srv", "busybox", "true");
        assertThat(docker.ok("inspect", "-f", "{{.State.ExitCode}}", "one")).isEqualTo("127");
        assertThat(run.err())
                .contains("error mounting \"" + file + "\" to rootfs at \"/srv\"")
                .contains("not a directory: Are you trying to mount a directory onto a file (or vice-versa)?"
                        + " Check if the specified host path exists and is the expected type");
        run = docker.run("create", "--name", "other", "-v", "named:/srv/file", "busybox");
        assertThat(run.err()).containsPattern("source /\\S+/merged/srv/file is not directory");
        assertThat(docker.ok("ps", "-aq", "--filter", "name=other")).isEmpty();
    }

    @Test
    void givesAnExecTheHomeOfItsUser() {
        docker.ok("run", "-d", "--name", "one", "-u", "app", "busybox", "sleep", "1000");
        assertThat(docker.ok("exec", "one", "sh", "-c", "echo $HOME")).isEqualTo("/home/app");
        assertThat(docker.ok("exec", "-u", "4242", "one", "sh", "-c", "echo $HOME"))
                .isEqualTo("/");
        assertThat(docker.run("exec", "one", "noexec").code()).isEqualTo(127);
        assertThat(docker.run("exec", "one", "/bin/noexec").code()).isEqualTo(126);
    }

    private static String now() {
        return docker.ok("system", "info", "--format", "{{.SystemTime}}");
    }

    private static void awaitReady() throws InterruptedException {
        for (int i = 0; i < 200 && !docker.ok("logs", "one").contains("ready"); i++) {
            Thread.sleep(20);
        }
        assertThat(docker.ok("logs", "one")).contains("ready");
    }

    /** At least so many; what comes after the end of a stop may come late. */
    private static List<String> awaitEvents(String since, int count) throws InterruptedException {
        List<String> told = List.of();
        for (int i = 0; i < 100 && told.size() < count; i++) {
            Thread.sleep(i == 0 ? 0 : 20);
            told = docker.run(
                            "events",
                            "--since",
                            since,
                            "--until",
                            now(),
                            "--filter",
                            "type=container",
                            "--format",
                            "{{.Action}} {{index .Actor.Attributes \"signal\"}}{{index .Actor.Attributes \"exitCode\"}}")
                    .ok()
                    .lines()
                    .filter(line -> !line.startsWith("exec_die"))
                    .toList();
        }
        return told;
    }
}
