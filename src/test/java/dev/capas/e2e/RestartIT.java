package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Restart policies as dockerd 28.5.2 applies them, while it runs and when it starts on what it left. */
class RestartIT {
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    private static Engine engine;
    private static Docker docker;
    private static Path end;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
        end = Files.createDirectory(engine.directory().resolve("end"));
        docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sleep\", \"1000\"]", "-", "busybox")
                .ok();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    @AfterEach
    void remove() {
        docker.ok("ps", "-aq").lines().forEach(id -> docker.run("rm", "-f", id));
    }

    @Test
    void anEndIsCountedWhenItIsTold() throws Exception {
        docker.ok("create", "--name", "one", "--restart", "on-failure:2", "busybox", "sh", "-c", "sleep 0.3; exit 3");
        docker.ok("start", "one");
        assertThat(docker.ok("wait", "one")).isEqualTo("3");
        await(() -> state("one").startsWith("exited"));
        assertThat(state("one")).isEqualTo("exited 3 false 2");
        assertThat(told("one")).isEqualTo("create,start,die 3,start,die 3,start,die 3");
        docker.ok("start", "one");
        await(() -> state("one").equals("restarting 3 true 1"));
    }

    @Test
    void whatWaitsForItsNextStartRunsInTheEyesOfClientsAndOfItsPolicy() throws Exception {
        awaitPause("one");
        String id = docker.ok("inspect", "-f", "{{.Id}}", "one");
        assertThat(docker.ok("ps", "--filter", "status=restarting", "--format", "{{.Names}} {{.Status}}"))
                .matches("one Restarting \\(4\\) .* ago");
        String refusal = "Container " + id + " is restarting, wait until the container is running";
        for (String command : List.of("pause one", "exec one true", "top one")) {
            assertThat(docker.run(command.split(" ")).err()).contains(refusal);
        }
        assertThat(docker.run("rm", "one").err())
                .contains("cannot remove container \"one\": container is restarting: stop the container before removing"
                        + " or force remove");
        String before = told("one");
        docker.ok("start", "one");
        assertThat(told("one")).isEqualTo(before);

        docker.ok("update", "--restart", "no", "one");
        assertThat(state("one")).startsWith("restarting");
        await(() -> state("one").startsWith("exited 4 false"));
        docker.ok("update", "--restart", "always", "one");
        Thread.sleep(200);
        assertThat(state("one")).startsWith("exited 4 false");
    }

    /** Four containers at once, for each takes its time to get there. */
    @Test
    void thePauseEndsBy() {
        record Case(String command, String told, String state) {}
        Stream.of(
                        new Case("stop", ",stop", "exited 4 false 5"),
                        new Case("kill", "", "exited 4 false 5"),
                        new Case("restart", ",stop,start,restart", ""),
                        new Case("rm -f", ",destroy", ""))
                .map(each -> CompletableFuture.runAsync(
                        () -> {
                            String name = each.command().replaceAll(" .*", "");
                            awaitPause(name);
                            String before = told(name);
                            CompletableFuture<String> exit =
                                    CompletableFuture.supplyAsync(() -> docker.ok("wait", name), THREADS);
                            docker.ok((each.command() + " " + name).split(" "));
                            assertThat(told(name)).startsWith(before + each.told());
                            if (!each.state().isEmpty()) {
                                assertThat(state(name)).isEqualTo(each.state());
                                assertThat(exit.join()).isEqualTo("4");
                                assertThat(told(name)).isEqualTo(before + each.told());
                            }
                        },
                        THREADS))
                .toList()
                .forEach(CompletableFuture::join);
    }

    /** A container that names no stop signal is ended by any signal, in dockerd's view. */
    @ParameterizedTest
    @CsvSource({
        "always, HUP, exited 5 false 0",
        "always --stop-signal USR1, HUP, running 0 true 1",
        "always --stop-signal USR1, USR1, exited 6 false 0",
        "unless-stopped --stop-signal USR1, HUP, exited 5 false 0",
        "always, KILL, exited 137 false 0"
    })
    void afterASignal(String policy, String signal, String expected) throws Exception {
        List<String> command = new ArrayList<>(List.of("run", "-d", "--name", "one", "--restart"));
        command.addAll(List.of(policy.split(" ")));
        command.addAll(List.of(
                "busybox", "sh", "-c", "trap 'exit 5' HUP; trap 'exit 6' USR1; echo on; while :; do sleep 0.05; done"));
        docker.ok(command.toArray(String[]::new));
        await(() -> docker.ok("logs", "one").contains("on"));
        docker.ok("kill", "-s", signal, "one");
        await(() -> state("one").equals(expected) && told("one").contains("start,kill,die"));
    }

    @Test
    void aStartThatFailsIsTheLast() throws Exception {
        docker.ok("create", "--name", "one", "--restart", "always", "busybox", "/once");
        Path once = Files.writeString(engine.directory().resolve("once"), "#!/bin/sh\nrm /once; exit 9\n");
        Command.run("chmod", "755", once.toString()).ok();
        docker.ok("cp", once.toString(), "one:/once");
        docker.ok("start", "one");
        await(() -> state("one").equals("exited 9 false 1"));
        assertThat(docker.ok("inspect", "-f", "{{.State.Error}}", "one")).contains("exec: \"/once\"");
    }

    @Test
    void apply() throws Exception {
        Map<String, String> expected = new TreeMap<>();
        String runs = "sleep 1000";
        String fails = "exit 4";
        String endsLater = "until [ -e /end/now ]; do sleep 0.05; done; exit ";
        made(expected, "always", "stop -t 0", runs, "running");
        made(expected, "unless-stopped", "stop -t 0", runs, "exited 137");
        made(expected, "unless-stopped", "kill", runs, "exited 137");
        made(expected, "on-failure", "stop -t 0", runs, "running");
        made(expected, "on-failure:1", "wait", fails, "exited 4");
        made(expected, "always", "create", runs, "created");
        made(expected, "always", "", runs, "running");
        made(expected, "no", "pause", runs, "paused");
        made(expected, "no", "", endsLater + 5, "exited 5");
        made(expected, "on-failure", "", endsLater + 0, "exited 0");
        made(expected, "unless-stopped", "", endsLater + 0, "running");
        made(expected, "rm", "", endsLater + 0, "");
        made(expected, "rm", "", runs, "running");
        docker.ok("run", "-d", "--name", "failing", "--health-cmd", "false", "--health-interval", "300ms", "busybox");
        awaitPause("pausing");
        String streak = "{{.State.Health.Status}} {{gt .State.Health.FailingStreak 3}}";
        await(() -> docker.ok("inspect", "-f", streak, "failing").equals("unhealthy true"));

        engine.sigkill();
        Files.createFile(end.resolve("now"));
        await(() -> Command.run("pgrep", "-f", "/end/now").out().isEmpty());
        Files.delete(end.resolve("now"));
        engine.restart();

        assertThat(docker.ok("inspect", "-f", streak, "failing")).isEqualTo("unhealthy true");
        for (Map.Entry<String, String> container : expected.entrySet()) {
            await(() -> state(container.getKey()).startsWith(container.getValue()));
        }
        await(() -> told("pausing").contains("start,die 4,start,die 4"));
        String latest = "{{(index .State.Health.Log 4).Start}}";
        String before = docker.ok("inspect", "-f", latest, "failing");
        await(() -> !docker.ok("inspect", "-f", latest, "failing").equals(before));
        assertThat(told("failing")).doesNotContain("health_status");
    }

    /** A container with this policy to which this was done. */
    private static void made(Map<String, String> expected, String policy, String done, String script, String state) {
        String name = "c" + expected.size();
        List<String> command = new ArrayList<>(
                done.equals("create") ? List.of("create", "--name", name) : List.of("run", "-d", "--name", name));
        command.addAll(policy.equals("rm") ? List.of("--rm") : List.of("--restart", policy));
        command.addAll(List.of("-v", end + ":/end", "busybox", "sh", "-c", script));
        docker.ok(command.toArray(String[]::new));
        if (done.equals("wait")) {
            docker.ok("wait", name);
            docker.ok("wait", name);
        } else if (!done.isEmpty() && !done.equals("create")) {
            docker.ok((done + " " + name).split(" "));
        }
        expected.put(name, state);
    }

    /** Makes a container that always fails, and waits until it rests for some time. */
    private static void awaitPause(String name) {
        docker.ok("run", "-d", "--name", name, "--restart", "always", "busybox", "sh", "-c", "exit 4");
        await(() -> state(name).equals("restarting 4 true 5") && told(name).endsWith("die 4"));
    }

    private static String state(String name) {
        return docker.run(
                        "inspect",
                        "-f",
                        "{{.State.Status}} {{.State.ExitCode}} {{.State.Running}} {{.RestartCount}}",
                        name)
                .out()
                .strip();
    }

    /** What was told of a container since it, or the latest of this name, was created. */
    private static String told(String name) {
        String format = "{{.Action}}{{with index .Actor.Attributes \"exitCode\"}} {{.}}{{end}}";
        Instant now = Instant.now();
        String until = now.getEpochSecond() + String.format(".%09d", now.getNano());
        List<String> actions = docker.ok(
                        "events",
                        "--since",
                        "10m",
                        "--until",
                        until,
                        "--filter",
                        "container=" + name,
                        "--format",
                        format)
                .lines()
                .filter(action -> !action.startsWith("exec_"))
                .toList();
        return String.join(",", actions.subList(Math.max(0, actions.lastIndexOf("create")), actions.size()));
    }

    private static void await(BooleanSupplier condition) {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(limit);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
