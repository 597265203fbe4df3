package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.linux.Errno;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.linux.UnixSocket;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a start finds after an end that was no stop. */
class RecoveryIT {
    private static Path hangs;
    private static Engine engine;
    private static Docker docker;

    @BeforeAll
    static void start() throws Exception {
        hangs = Files.createTempFile("runtime", ".sh");
        Files.writeString(hangs, """
                #!/bin/sh
                case " $* " in *" create "*) sleep 1000; exit 1;; esac
                exec crun "$@"
                """);
        Command.run("chmod", "755", hangs.toString()).ok();
        engine = Engine.start("--add-runtime", "hangs=" + hangs);
        docker = engine.docker();
        docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sh\"]", "-", "busybox:latest")
                .ok();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
        Files.delete(hangs);
    }

    @Test
    void aRuntimeThatHangsInCreateIsEnded() throws Exception {
        String id = docker.ok("create", "--runtime", "hangs", "--name", "stuck", "busybox", "true");
        Process client = docker.start("start", "stuck");
        await(() -> processesWith(id).size() >= 2);
        engine.sigkill();
        client.waitFor();
        List<Long> stuck = processesWith(id);
        List<Long> below = stuck.stream()
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .flatMap(ProcessHandle::descendants)
                .map(ProcessHandle::pid)
                .toList();
        assertThat(below).isNotEmpty();
        engine.restart();
        await(() -> processesWith(id).isEmpty());
        assertThat(below).allMatch(pid -> isGone(pid));
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "stuck")).isEqualTo("created");
        assertThat(Command.run("find", "/sys/fs/cgroup", "-name", "*" + id + "*")
                        .out())
                .isEmpty();
        docker.ok("rm", "stuck");
    }

    @Test
    void aConmonThatTakesNoConnectionHoldsUpNoStart() throws Exception {
        String id = docker.ok("run", "-d", "--name", "deaf", "busybox", "sleep", "1000");
        Path bundle = engine.dataRoot().resolve("containers").resolve(id).resolve("bundle");
        String conmon = Files.readString(bundle.resolve("conmon.pid")).strip();
        engine.sigkill();
        Command.run("kill", "-STOP", conmon).ok();
        List<Fd> waiting = new ArrayList<>();
        try {
            fillBacklog(bundle, waiting);
            engine.restart();
            assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "deaf")).isEqualTo("running");
        } finally {
            Command.run("kill", "-CONT", conmon);
            waiting.forEach(Fd::close);
        }
        docker.ok("kill", "-s", "INT", "deaf");
        docker.ok("rm", "-f", "deaf");
        assertThat(engine.leftovers()).isEmpty();
    }

    private static void fillBacklog(Path bundle, List<Fd> waiting) throws LinuxException {
        while (true) {
            try {
                waiting.add(UnixSocket.connect(bundle, "attach", UnixSocket.SEQPACKET));
            } catch (LinuxException e) {
                assertThat(e.errno()).isEqualTo(Errno.EAGAIN);
                return;
            }
        }
    }

    @Test
    void aLayerThatAPowerCutDamagedIsNamedAndNotRun() throws Exception {
        byte[] base = ImageTar.layer("base", "the content of base");
        byte[] top = ImageTar.layer("top", "the content of top");
        byte[] archive = ImageTar.tar(ImageTar.files("victim:1", base, top));
        docker.run(archive, "load").ok();
        docker.ok("create", "--name", "made", "victim:1", "/base");
        Digest damaged = Digest.ofContent(base);
        engine.stop();
        makeOfAnotherBoot();
        Files.writeString(
                engine.dataRoot().resolve("layers/sha256/" + damaged.hex() + "/diff/base"), "the content of bare");
        int before = engine.log().length();
        engine.restart();
        String id = docker.ok("inspect", "-f", "{{.Id}}", "victim:1");
        assertThat(engine.log().substring(before))
                .contains("layer " + damaged + " of the images [" + id.substring("sha256:".length()) + "] is damaged");
        assertThat(docker.ok("image", "inspect", "-f", "{{json .Damage}}", "victim:1"))
                .startsWith("[\"layer " + damaged + " is damaged: its digest is now ");
        assertThat(docker.ok("info", "-f", "{{json .Warnings}}")).contains(damaged.toString(), "(victim:1)");
        String refusal = "layer " + damaged + " is damaged: pull or load an image that has it again";
        assertThat(docker.run("run", "victim:1", "/base").err()).contains(refusal);
        assertThat(docker.run("start", "made").err()).contains(refusal);
        assertThat(docker.ok("image", "inspect", "busybox")).doesNotContain("Damage");
        assertThat(docker.ok("run", "--rm", "busybox", "echo", "sound")).isEqualTo("sound");

        docker.run(archive, "load").ok();
        assertThat(docker.ok("image", "inspect", "victim:1")).doesNotContain("Damage");
        assertThat(docker.ok("cp", "-q", "made:/base", "-")).contains("the content of base");
        assertThat(docker.run("start", "made").err()).doesNotContain("damaged");
        docker.ok("rm", "made");
        docker.ok("rmi", "victim:1");
    }

    /** Makes the layers those of another boot of the kernel, of which nobody knows whether they reached the disk. */
    private static void makeOfAnotherBoot() throws Exception {
        try (Connection database = DriverManager.getConnection(
                        "jdbc:h2:file:" + engine.dataRoot().resolve("db/capas"), "capas", "");
                PreparedStatement update =
                        database.prepareStatement("update layer set boot_id = 'another', synced = false")) {
            assertThat(update.executeUpdate()).isGreaterThan(2);
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as(engine.log()).isLessThan(end);
            Thread.sleep(20);
        }
    }

    private static boolean isGone(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
        } catch (IOException e) {
            return true;
        }
    }

    /** The processes whose command line names the container, conmon and what it has started. */
    private static List<Long> processesWith(String id) throws IOException {
        List<Long> found = new ArrayList<>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    String line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
                    if (line.contains(id) && (line.contains("conmon") || line.contains(hangs.toString()))) {
                        found.add(Long.parseLong(process.getFileName().toString()));
                    }
                } catch (IOException e) {
                    continue;
                }
            }
        }
        return found;
    }
}
