package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The session that Capas exists for, with the real docker CLI on a pseudo-terminal and archives that a real dockerd wrote. */
class MainJobIT {
    private static Dockerd dockerd;
    private static Engine engine;
    private static Docker docker;
    private static Path archive;

    @BeforeAll
    static void loadWhatDockerSaved() throws Exception {
        dockerd = Dockerd.start();
        engine = Engine.start();
        docker = engine.docker();
        dockerd.docker()
                .run(
                        Rootfs.glibc(),
                        "import",
                        "-c",
                        "CMD [\"/bin/bash\"]",
                        "-c",
                        "ENV HISTSIZE=0",
                        "-",
                        "ubuntu:latest")
                .ok();
        dockerd.docker()
                .run(Rootfs.busybox(), "import", "-c", "CMD [\"sh\"]", "-", "busybox:latest")
                .ok();
        dockerd.docker().ok("create", "--name", "changed", "--network", "none", "ubuntu", "true");
        Path added = Files.write(Files.createTempFile("added", ""), Rootfs.filler(12_345));
        dockerd.docker().ok("cp", added.toString(), "changed:/added");
        dockerd.docker().ok("commit", "changed", "app:1");
        archive = Files.createTempFile("images", ".tar");
        dockerd.docker().ok("save", "-o", archive.toString(), "ubuntu", "busybox", "app:1");
        assertThat(docker.ok("load", "-i", archive.toString()).lines())
                .containsExactlyInAnyOrder(
                        "Loaded image: ubuntu:latest", "Loaded image: busybox:latest", "Loaded image: app:1");
    }

    @AfterAll
    static void stop() throws Exception {
        Files.deleteIfExists(archive);
        try (Dockerd one = dockerd;
                Engine other = engine) {
            assertThat(one).isNotSameAs(other);
        }
    }

    @Test
    void imagesAreWhatDockerHas() {
        String format = "{{.Id}} {{.Size}} {{json .RootFS.Layers}} {{json .Config.Cmd}}";
        for (String image : List.of("ubuntu:latest", "busybox:latest", "app:1")) {
            assertThat(docker.ok("inspect", "-f", format, image))
                    .isEqualTo(dockerd.docker().ok("inspect", "-f", format, image));
        }
        String table = "{{.Repository}} {{.Tag}} {{.ID}} {{.Size}}";
        assertThat(docker.ok("images", "--format", table).lines())
                .containsAll(
                        dockerd.docker().ok("images", "--format", table).lines().toList());
    }

    @Test
    void aContainerGrowsByWhatIsWritten() throws Exception {
        String virtual = dockerd.docker().ok("images", "--format", "{{.Size}}", "ubuntu:latest");
        try (Terminal terminal = docker.terminal("run", "-it", "--name", "contenedor1", "ubuntu", "/bin/bash")) {
            terminal.expect("# ");
            terminal.type("tty; stty size\r").expect("/dev/pts/0");
            terminal.expect("33 99");
            terminal.type("exit\r");
            assertThat(terminal.exitCode()).isZero();
        }
        assertThat(size("contenedor1")).isEqualTo("0B (virtual " + virtual + ")");

        assertThat(docker.ok("start", "contenedor1")).isEqualTo("contenedor1");
        try (Terminal terminal = docker.terminal("attach", "contenedor1")) {
            terminal.type("echo \"00000000000000000\">file.txt\r").expect("# ");
            terminal.type("exit\r");
            assertThat(terminal.exitCode()).isZero();
        }
        assertThat(size("contenedor1")).isEqualTo("18B (virtual " + virtual + ")");
        assertThat(docker.ok("diff", "contenedor1").lines()).contains("A /file.txt");

        Command.Result refused = docker.run("rmi", "ubuntu");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err())
                .contains("conflict: unable to remove repository reference \"ubuntu\" (must force) - container "
                        + docker.ok("inspect", "-f", "{{printf \"%.12s\" .Id}}", "contenedor1")
                        + " is using its referenced image "
                        + docker.ok("inspect", "-f", "{{printf \"%.12s\" (slice .Id 7)}}", "ubuntu:latest"));
        docker.ok("rm", "contenedor1");
        assertThat(docker.ok("rmi", "ubuntu").lines()).first().isEqualTo("Untagged: ubuntu:latest");
        assertThat(docker.ok("load", "-i", archive.toString())).contains("Loaded image: ubuntu:latest");
    }

    @Test
    void aChangedFileIsCopiedUpAndTheImageStays() {
        docker.ok("run", "--name", "copies-up", "app:1", "sh", "-c", "echo more >>/added");
        assertThat(docker.ok("inspect", "-s", "-f", "{{.SizeRw}}", "copies-up"))
                .isEqualTo(Integer.toString(12_345 + "more\n".length()));
        assertThat(docker.ok("run", "--rm", "app:1", "wc", "-c", "/added")).isEqualTo("12345 /added");
        docker.ok("rm", "copies-up");
    }

    @Test
    void sharedLayersAreOnDiskOnce() throws IOException {
        long layers = List.of("ubuntu:latest", "busybox:latest", "app:1").stream()
                .flatMap(image -> docker.ok("inspect", "-f", "{{range .RootFS.Layers}}{{println .}}{{end}}", image)
                        .strip()
                        .lines())
                .distinct()
                .count();
        assertThat(layers).isEqualTo(3);
        try (var trees = Files.list(engine.directory().resolve("data/layers/sha256"))) {
            assertThat(trees).hasSize(3);
        }
    }

    @Test
    void runPassesStreamsAndExitCodes() {
        assertThat(docker.run("run", "--rm", "busybox", "true").code()).isZero();
        assertThat(docker.run("run", "--rm", "busybox", "sh", "-c", "exit 7").code())
                .isEqualTo(7);
        Command.Result both = docker.run("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2");
        assertThat(both.out()).isEqualTo("out\n");
        assertThat(both.err()).isEqualTo("err\n");
        byte[] input = Rootfs.filler(300_000);
        assertThat(docker.run(input, "run", "-i", "--rm", "busybox", "cat").ok())
                .isEqualTo(new String(input, java.nio.charset.StandardCharsets.US_ASCII));
        Command.Result missing = docker.run("run", "--rm", "busybox", "nope");
        assertThat(missing.code()).isEqualTo(127);
        assertThat(missing.err()).contains("exec: \"nope\": executable file not found in $PATH");
        assertThat(docker.ok("ps", "-aq", "--filter", "ancestor=busybox")).isEmpty();
    }

    @Test
    void execCopyAndLogs() throws Exception {
        docker.ok(
                "run",
                "-d",
                "--name",
                "worker",
                "busybox",
                "sh",
                "-c",
                "i=0; while true; do echo line $i; i=$((i+1)); sleep 0.1; done");
        try (Terminal terminal = docker.terminal("exec", "-it", "worker", "sh")) {
            terminal.expect("# ");
            terminal.type("tty; exit 5\r").expect("/dev/pts/");
            assertThat(terminal.exitCode()).isEqualTo(5);
        }
        Path local = Files.createTempDirectory("copies");
        Files.write(local.resolve("in"), Rootfs.filler(70_000));
        docker.ok("cp", local.resolve("in").toString(), "worker:/root/there");
        docker.ok("cp", "worker:/root/there", local.resolve("back").toString());
        assertThat(local.resolve("back")).hasSameBinaryContentAs(local.resolve("in"));
        Command.run("rm", "-r", local.toString()).ok();

        Process follow = docker.start("logs", "-f", "worker");
        Thread.sleep(500);
        docker.ok("stop", "-t", "0", "worker");
        String followed = new String(follow.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(follow.waitFor()).isZero();
        assertThat(followed)
                .startsWith("line 0\nline 1\n")
                .isEqualTo(docker.run("logs", "worker").out());
        assertThat(docker.ok("inspect", "-f", "{{.State.ExitCode}} {{.State.Status}}", "worker"))
                .isEqualTo("137 exited");
        docker.ok("rm", "worker");
    }

    private static String size(String container) {
        return docker.ok("ps", "-a", "-s", "--filter", "name=^/" + container + "$", "--format", "{{.Size}}");
    }
}
