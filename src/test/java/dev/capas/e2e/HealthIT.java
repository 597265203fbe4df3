package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Health as dockerd 28.5.2 probes, counts and tells it. */
class HealthIT {
    private static final String TEST = "echo probed; test -f /ok";

    private static Engine engine;
    private static Docker docker;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
        docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sleep\", \"1000\"]", "-", "busybox")
                .ok();
        docker.run(
                        Rootfs.busybox(),
                        "import",
                        "-c",
                        "HEALTHCHECK --interval=7s --timeout=6s --retries=5 CMD image",
                        "-c",
                        "CMD [\"sleep\", \"1000\"]",
                        "-",
                        "probed")
                .ok();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    @Test
    void failuresOfTheStartPeriodAreLoggedAndNotCounted() throws Exception {
        run(
                "counts",
                "--health-cmd",
                TEST,
                "--health-interval",
                "200ms",
                "--health-retries",
                "2",
                "--health-start-period",
                "700ms",
                "--health-start-interval",
                "120ms");
        assertThat(status("counts")).endsWith("(health: starting)");
        assertThat(listed("starting")).contains("counts");
        await(() -> results("counts").size() == 3);
        JsonNode early = health("counts");
        Instant started = Instant.parse(docker.ok("inspect", "-f", "{{.State.StartedAt}}", "counts"));
        Duration first =
                Duration.between(started, instant(early.path("Log").get(0).path("Start")));
        assertThat(first).isBetween(Duration.ofMillis(120), Duration.ofMillis(700));
        long counted = early.path("Log")
                .valueStream()
                .filter(result -> !instant(result.path("Start")).isBefore(started.plusMillis(700)))
                .count();
        assertThat(early.path("FailingStreak").asLong()).isEqualTo(counted).isLessThan(3);
        assertThat(early.path("Log").get(0).path("Output").asString()).isEqualTo("probed\n");
        assertThat(early.path("Log").get(0).path("ExitCode").asInt()).isEqualTo(1);

        await(() -> status("counts").endsWith("(unhealthy)"));
        docker.ok("exec", "counts", "touch", "/ok");
        await(() -> status("counts").endsWith("(healthy)"));
        assertThat(listed("healthy")).contains("counts");
        await(() -> results("counts").size() == 5);

        docker.ok("stop", "-t", "0", "counts");
        assertThat(health("counts").path("Status").asString()).isEqualTo("unhealthy");
        assertThat(listed("unhealthy")).contains("counts");
        List<String> before = results("counts");
        docker.ok("start", "counts");
        assertThat(health("counts").path("Status").asString()).isEqualTo("starting");
        assertThat(results("counts")).isEqualTo(before);

        List<String> told = events("counts");
        docker.ok("rm", "-f", "counts");
        assertThat(told.stream().filter(action -> action.startsWith("health_status")))
                .containsExactly("health_status: unhealthy", "health_status: healthy");
        int begin = told.indexOf("exec_create: /bin/sh -c " + TEST);
        assertThat(told.subList(begin, begin + 3))
                .containsExactly("exec_create: /bin/sh -c " + TEST, "exec_start: /bin/sh -c " + TEST, "exec_die");
        int unhealthy = told.indexOf("health_status: unhealthy");
        assertThat(told.get(unhealthy - 1)).isEqualTo("exec_die");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo begun; exec sleep 60 | -1 | Health check exceeded timeout (300ms): begun\\n",
                "exec sleep 60 | -1 | Health check exceeded timeout (300ms)",
                "exit 7 | 7 | ''",
                "id -u; pwd; echo $OF | 0 | 65534\\n/tmp\\ncontainer\\n",
                "tty | 1 | not a tty\\n",
            })
    void resultsAre(String command, int exitCode, String output) throws Exception {
        run(
                "one",
                "--health-cmd",
                command.strip(),
                "--health-interval",
                "100ms",
                "--health-timeout",
                "300ms",
                "-t",
                "-u",
                "65534",
                "-w",
                "/tmp",
                "-e",
                "OF=container");
        try {
            await(() -> !results("one").isEmpty());
            JsonNode result = health("one").path("Log").get(0);
            assertThat(result.path("ExitCode").asInt()).isEqualTo(exitCode);
            assertThat(result.path("Output").asString()).isEqualTo(output.replace("\\n", "\n"));
        } finally {
            docker.ok("rm", "-f", "one");
        }
    }

    @ParameterizedTest
    @CsvSource({"4096, 4096", "4097, 4099"})
    void ofLongOutputTheBeginningIsKept(int printed, int kept) throws Exception {
        run("long", "--health-cmd", "head -c " + printed + " /dev/zero | tr '\\0' x", "--health-interval", "100ms");
        await(() -> !results("long").isEmpty());
        String output = health("long").path("Log").get(0).path("Output").asString();
        docker.ok("rm", "-f", "long");
        assertThat(output).hasSize(kept).matches("x{4096}(\\.\\.\\.)?");
    }

    @Test
    void aProgramThatIsNotThereIsAFailure() throws Exception {
        docker.run(
                        Rootfs.busybox(),
                        "import",
                        "-c",
                        "HEALTHCHECK --interval=100ms CMD [\"/nope\"]",
                        "-c",
                        "CMD [\"sleep\", \"1000\"]",
                        "-",
                        "nope")
                .ok();
        docker.ok("run", "-d", "--name", "nope", "nope");
        await(() -> status("nope").endsWith("(unhealthy)"));
        assertThat(health("nope").path("Log").get(0).path("Output").asString())
                .isEqualTo("OCI runtime exec failed: exec failed: unable to start container process:"
                        + " exec: \"/nope\": stat /nope: no such file or directory");
        docker.ok("rm", "-f", "nope");
    }

    @Test
    void aPauseRestsTheProbes() throws Exception {
        run("paused", "--health-cmd", "true", "--health-interval", "100ms");
        await(() -> status("paused").endsWith("(healthy)"));
        docker.ok("pause", "paused");
        assertThat(health("paused").path("Status").asString()).isEqualTo("unhealthy");
        List<String> resting = results("paused");
        Thread.sleep(300);
        assertThat(results("paused")).isEqualTo(resting);
        docker.ok("unpause", "paused");
        await(() -> status("paused").endsWith("(healthy)"));
        assertThat(events("paused").stream().filter(action -> action.startsWith("health_status")))
                .containsExactly("health_status: healthy", "health_status: healthy");
        docker.ok("rm", "-f", "paused");
    }

    @Test
    void whatTheImageSaysIsMergedFieldByField() {
        String both =
                "{\"Test\":[\"CMD-SHELL\",\"image\"],\"Interval\":9000000000,\"Timeout\":6000000000,\"Retries\":5}";
        docker.ok("create", "--name", "merged", "--health-interval", "9s", "probed");
        assertThat(docker.ok("inspect", "-f", "{{json .Config.Healthcheck}}", "merged"))
                .isEqualTo(both);
        assertThat(docker.ok("inspect", "-f", "{{json .State.Health}}", "merged"))
                .isEqualTo("null");
        docker.ok("run", "-d", "--name", "none", "--no-healthcheck", "probed");
        assertThat(docker.ok("inspect", "-f", "{{json .Config.Healthcheck}} {{json .State.Health}}", "none"))
                .isEqualTo(both.replace("\"CMD-SHELL\",\"image\"", "\"NONE\"").replace('9', '7') + " null");
        assertThat(listed("none")).contains("merged", "none");
        assertThat(status("none")).doesNotContain("(");
        docker.ok("rm", "-f", "merged", "none");
    }

    private static void run(String name, String... options) {
        List<String> command = new ArrayList<>(List.of("run", "-d", "--name", name));
        command.addAll(List.of(options));
        command.add("busybox");
        docker.ok(command.toArray(String[]::new));
    }

    private static JsonNode health(String name) {
        return Json.MAPPER.readTree(docker.ok("inspect", "-f", "{{json .State.Health}}", name));
    }

    private static List<String> results(String name) {
        return health(name).path("Log").valueStream().map(JsonNode::toString).toList();
    }

    private static String status(String name) {
        return docker.ok("ps", "--filter", "name=^" + name + "$", "--format", "{{.Status}}");
    }

    private static List<String> listed(String health) {
        return docker.ok("ps", "-a", "--filter", "health=" + health, "--format", "{{.Names}}")
                .lines()
                .toList();
    }

    private static List<String> events(String name) {
        Instant now = Instant.now();
        String until = now.getEpochSecond() + String.format(".%09d", now.getNano());
        return docker.ok(
                        "events",
                        "--since",
                        "10m",
                        "--until",
                        until,
                        "--filter",
                        "container=" + name,
                        "--format",
                        "{{.Action}}")
                .lines()
                .toList();
    }

    private static Instant instant(JsonNode node) {
        return Instant.parse(node.asString());
    }

    private static void await(BooleanSupplier condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(engine.log()).isLessThan(end);
            Thread.sleep(20);
        }
    }
}
