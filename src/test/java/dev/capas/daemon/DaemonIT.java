package dev.capas.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.e2e.Command;
import dev.capas.e2e.Docker;
import dev.capas.e2e.Engine;
import dev.capas.e2e.FreePort;
import dev.capas.e2e.Rootfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as a process: its flags at work, its neighbours, its signals. The last test stops it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DaemonIT {
    private static final String GROUP = "nogroup";

    private Path directory;
    private Certificates certificates;
    private Engine engine;
    private Docker docker;
    private int tcp;
    private int mirror;
    private Path second;
    private Path settings;

    @BeforeAll
    void start(@TempDir Path own) throws IOException, InterruptedException {
        directory = own;
        certificates = Certificates.in(Files.createDirectory(directory.resolve("tls")));
        tcp = FreePort.any();
        mirror = FreePort.any();
        second = directory.resolve("second.sock");
        settings = directory.resolve("daemon.json");
        Files.writeString(settings, """
                {"debug": true, "labels": ["place=here"], "registry-mirrors": ["http://127.0.0.1:%d", "http://127.0.0.1:%d"],
                 "runtimes": {"other": {"path": "crun"}, "gone": {"path": "/none/runtime"}}, "mtu": 1400, "ipv6": true,
                 "log-opts": {"max-size": "9m"}, "default-ulimits": {"nofile": {"Soft": 77, "Hard": 99}}, "dns": ["192.0.2.7"],
                 "no-new-privileges": true, "default-shm-size": "2m"}
                """.formatted(FreePort.any(), mirror));
        List<String> flags = new ArrayList<>(certificates.flags());
        flags.addAll(List.of("-H", "tcp://127.0.0.1:" + tcp, "-H", "unix://" + second));
        flags.addAll(List.of("-G", GROUP, "--config-file", settings.toString(), "--default-runtime", "other"));
        engine = Engine.start(flags.toArray(String[]::new));
        docker = engine.docker();
        docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sh\"]", "-", "busybox:latest")
                .ok();
    }

    @AfterAll
    void stop() throws Exception {
        engine.close();
    }

    private Command.Result overTls(Path certificates, String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return Command.run(
                command,
                new byte[0],
                Map.of(
                        "DOCKER_HOST",
                        "tcp://127.0.0.1:" + tcp,
                        "DOCKER_TLS_VERIFY",
                        "1",
                        "DOCKER_CERT_PATH",
                        certificates.toString()));
    }

    @Test
    void letsInClientsWithACertificate() {
        assertThat(overTls(certificates.client(), "version", "--format", "{{.Server.APIVersion}}")
                        .ok()
                        .strip())
                .isEqualTo("1.51");
        assertThat(overTls(certificates.client(), "run", "--rm", "busybox", "echo", "through a taken over connection")
                        .ok())
                .isEqualTo("through a taken over connection\n");
    }

    @Test
    void refusesEveryoneElse() {
        assertThat(overTls(certificates.stranger(), "version").err()).contains("tls: ");
        String url = "127.0.0.1:" + tcp + "/_ping";
        String authority = certificates.client().resolve("ca.pem").toString();
        assertThat(Command.run("curl", "-sS", "--cacert", authority, "https://" + url))
                .satisfies(answer -> assertThat(answer.code()).isNotZero())
                .satisfies(answer -> assertThat(answer.out()).isEmpty());
        assertThat(Command.run("curl", "-s", "http://" + url).out()).doesNotContain("OK");
    }

    @Test
    void aCertificateSaysMoreThanAName() {
        Path own = certificates.client();
        String[] curl = {
            "curl",
            "-sS",
            "-H",
            "Host: engine.example:2376",
            "-H",
            "Origin: https://page.example",
            "--cacert",
            own.resolve("ca.pem").toString(),
            "--cert",
            own.resolve("cert.pem").toString(),
            "--key",
            own.resolve("key.pem").toString(),
            "https://127.0.0.1:" + tcp + "/_ping"
        };
        assertThat(Command.run(curl).ok()).isEqualTo("OK");
    }

    @Test
    void givesItsSocketsToTheGroup() throws IOException {
        for (Path socket : List.of(docker.socket(), second)) {
            PosixFileAttributes attributes = Files.readAttributes(socket, PosixFileAttributes.class);
            assertThat(PosixFilePermissions.toString(attributes.permissions())).isEqualTo("rw-rw----");
            assertThat(attributes.group().getName()).isEqualTo(GROUP);
            assertThat(new Docker(socket).ok("version", "--format", "{{.Server.Version}}"))
                    .contains("+capas");
        }
    }

    @Test
    void saysWhoItIs() throws IOException {
        assertThat(engine.directory().resolve("pid")).hasContent(Long.toString(engine.pid()));
        assertThat(docker.ok("info", "--format", "{{.Debug}} {{.Labels}} {{.DefaultRuntime}}"))
                .isEqualTo("true [place=here] other");
        assertThat(docker.ok("info", "--format", "{{range $name, $it := .Runtimes}}{{$name}} {{end}}"))
                .contains("other", "gone", "crun");
        assertThat(engine.log())
                .contains("export DOCKER_HOST=unix://" + docker.socket())
                .contains("API listen on tcp://127.0.0.1:" + tcp)
                .contains("API listen on unix://" + second)
                .contains("Without effect in the configuration file: ipv6");
    }

    @Test
    void runsContainersWithTheRuntimesThatItWasGiven() {
        assertThat(docker.ok("run", "--rm", "busybox", "echo", "ran")).isEqualTo("ran");
        assertThat(docker.ok("run", "--rm", "--runtime", "crun", "busybox", "echo", "ran"))
                .isEqualTo("ran");
        docker.ok("create", "--name", "by-default", "busybox");
        assertThat(docker.ok("inspect", "-f", "{{.HostConfig.Runtime}}", "by-default"))
                .isEqualTo("other");
        docker.ok("rm", "by-default");
        assertThat(docker.run("create", "--runtime", "nope", "busybox").err())
                .contains("Error response from daemon: unknown or invalid runtime name: nope");
        Command.Result gone = docker.run("run", "--name", "gone", "--runtime", "gone", "busybox", "true");
        assertThat(gone.code()).isEqualTo(127);
        assertThat(gone.err()).contains("/none/runtime");
        docker.ok("rm", "gone");
    }

    @Test
    void givesContainersWhatItsSettingsSay() {
        String look = "ulimit -n; ulimit -Hn; cat /etc/resolv.conf; grep NoNewPrivs /proc/self/status; df -k /dev/shm";
        assertThat(docker.ok("run", "--name", "plain", "busybox", "sh", "-c", look))
                .startsWith("77\n99\n")
                .contains("nameserver 192.0.2.7", "NoNewPrivs:\t1", " 2048 ");
        assertThat(docker.ok("inspect", "-f", "{{json .HostConfig.LogConfig}}", "plain"))
                .isEqualTo("{\"Type\":\"json-file\",\"Config\":{\"max-size\":\"9m\"}}");
        docker.ok("rm", "plain");
        String[] own = {
            "run",
            "--rm",
            "--ulimit",
            "nofile=55:66",
            "--dns",
            "192.0.2.8",
            "--security-opt",
            "no-new-privileges=false",
            "--shm-size",
            "3m",
            "busybox",
            "sh",
            "-c",
            look
        };
        assertThat(docker.ok(own))
                .startsWith("55\n66\n")
                .contains("nameserver 192.0.2.8", "NoNewPrivs:\t0", " 3072 ")
                .doesNotContain("192.0.2.7");
    }

    @Test
    void keepsOthersFromWhatIsIts() {
        String data = engine.directory().resolve("data").toString();
        String elsewhere = directory.resolve("elsewhere").toString();
        String pid = Long.toString(engine.pid());
        assertThatThrownBy(() -> DaemonCommand.parse(List.of("--data-root", data, "--exec-root", elsewhere))
                        .call())
                .hasMessage("the data root " + data + " is in use by another capas daemon, process " + pid);
        List<String> apart = List.of("--data-root", elsewhere, "--exec-root", elsewhere, "-H", "unix://" + second);
        assertThatThrownBy(() -> DaemonCommand.parse(apart).call())
                .hasMessage("can't create unix socket " + second + ": it is in use");
        List<String> samePid = new ArrayList<>(apart);
        samePid.addAll(List.of("-p", engine.directory().resolve("pid").toString()));
        assertThatThrownBy(() -> DaemonCommand.parse(samePid).call())
                .hasMessageEndingWith("process with PID " + pid + " is still running");
        assertThat(docker.ok("version", "--format", "{{.Server.Os}}")).isEqualTo("linux");
        assertThat(new Docker(second).ok("version", "--format", "{{.Server.Os}}"))
                .isEqualTo("linux");
    }

    @Test
    void pullsThroughTheMirrorThatAnswers() throws Exception {
        Path config = directory.resolve("registry.yml");
        Files.writeString(config, """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s}}
                http: {addr: 127.0.0.1:%d}
                """.formatted(directory.resolve("registry"), mirror));
        Process registry = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("registry.log").toFile())
                .start();
        try {
            String pushed = "127.0.0.1:" + mirror + "/library/mirrored:1";
            docker.run(new byte[10240], "import", "-", pushed).ok();
            String id = docker.ok("inspect", "-f", "{{.Id}}", pushed);
            while (docker.run("push", pushed).code() != 0) {
                assertThat(registry.isAlive()).isTrue();
                Thread.sleep(100);
            }
            docker.ok("rmi", pushed);
            assertThat(docker.ok("pull", "mirrored:1"))
                    .contains("Pulling from library/mirrored", "Status: Downloaded newer image for mirrored:1")
                    .endsWith("docker.io/library/mirrored:1");
            assertThat(docker.ok("inspect", "-f", "{{.Id}} {{.RepoTags}}", "mirrored:1"))
                    .isEqualTo(id + " [mirrored:1]");
        } finally {
            registry.destroy();
            registry.waitFor();
        }
    }

    @Test
    @Order(Integer.MAX_VALUE - 1)
    void readsItsSettingsAgain() throws Exception {
        String before = Files.readString(settings);
        assertThat(docker.run("inspect", "before-the-reload").code()).isEqualTo(1);
        assertThat(engine.log()).contains("before-the-reload");
        Files.writeString(settings, "{\"debug\": \"perhaps\"}");
        signal("HUP");
        await("of type bool");
        assertThat(docker.ok("info", "--format", "{{.Debug}}")).isEqualTo("true");
        Files.writeString(
                settings,
                before.replace("\"debug\": true", "\"debug\": false")
                        .replace("here", "there")
                        .replaceAll(
                                "\"registry-mirrors\": \\[[^]]*]", "\"insecure-registries\": [\"example.com:5000\"]"));
        Process events = docker.start("events", "--filter", "type=daemon", "--format", "{{.Action}}");
        try {
            while (Integer.parseInt(docker.ok("info", "--format", "{{.NEventsListener}}")) == 0) {
                Thread.sleep(50);
            }
            signal("HUP");
            assertThat(events.inputReader().readLine()).isEqualTo("reload");
        } finally {
            events.destroy();
        }
        assertThat(docker.ok("info", "--format", "{{.Debug}} {{.Labels}} {{.RegistryConfig.Mirrors}}"))
                .isEqualTo("false [place=there] []");
        assertThat(docker.ok("info", "--format", "{{json .RegistryConfig.IndexConfigs}}"))
                .contains("example.com:5000");
        assertThat(docker.run("inspect", "after-the-reload").code()).isEqualTo(1);
        assertThat(engine.log()).doesNotContain("after-the-reload");
    }

    private void signal(String name) {
        Command.run("sh", "-c", "kill -" + name + " " + engine.pid()).ok();
    }

    private void await(String words) throws Exception {
        for (int tries = 0; !engine.log().contains(words); tries++) {
            assertThat(tries).as(engine.log()).isLessThan(200);
            Thread.sleep(50);
        }
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void stopsQuicklyAndLeavesContainersRunning() throws Exception {
        docker.ok("run", "-d", "--name", "stays", "busybox", "sleep", "600");
        String pid = docker.ok("inspect", "-f", "{{.State.Pid}}", "stays");
        Process events = docker.start("events");
        Process attached = docker.start("attach", "stays");
        Process logs = docker.start("logs", "-f", "stays");
        while (Integer.parseInt(docker.ok("info", "--format", "{{.NEventsListener}}")) == 0) {
            Thread.sleep(50);
        }
        int logged = engine.log().length();
        long begun = System.nanoTime();
        FutureTask<Integer> exit = new FutureTask<>(engine::stop);
        Thread.ofVirtual().start(exit);
        while (Files.exists(engine.directory().resolve("pid"))) {
            Thread.sleep(20);
        }
        // the JVM of the tests may write its archive of classes before it ends
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun)).isLessThan(10);
        assertThat(exit.get()).isZero();
        assertThat(engine.log().substring(logged)).doesNotContain("Exception", "WARN", "ERROR");
        for (Process client : List.of(events, attached, logs)) {
            assertThat(client.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        for (Path file : List.of(docker.socket(), second, engine.directory().resolve("pid"))) {
            assertThat(file).doesNotExist();
        }
        assertThat(ProcessHandle.of(Long.parseLong(pid))).isPresent();
        engine.restart();
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.Pid}}", "stays"))
                .isEqualTo("running " + pid);
        assertThat(docker.ok("exec", "stays", "echo", "adopted")).isEqualTo("adopted");
        docker.ok("rm", "-f", "stays");
        ProcessHandle daemon = ProcessHandle.of(engine.pid()).orElseThrow();
        signal("INT");
        daemon.onExit().get(10, TimeUnit.SECONDS);
        assertThat(docker.socket()).doesNotExist();
    }
}
