package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full: a clear error, nothing half there, and it works once there is room. */
class FullDiskIT {
    private static final String NO_SPACE = "no space left on device";

    @TempDir
    private Path directory;

    private SmallDisk disk;
    private Engine engine;
    private Docker docker;

    @BeforeEach
    void start() throws Exception {
        disk = SmallDisk.of(160);
        engine = Engine.startOn(disk.path().resolve("data"));
        docker = engine.docker();
        docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sh\"]", "-", "busybox:latest")
                .ok();
    }

    @AfterEach
    void stop() throws Exception {
        try {
            engine.close();
        } finally {
            disk.close();
        }
    }

    @Test
    void whatComesInIsRefusedAndLeavesNothing() throws Exception {
        Path archive = directory.resolve("big.tar");
        Path file = Files.write(directory.resolve("file"), new byte[20 << 20]);
        Path tree = directory.resolve("tree.tar");
        Command.run("tar", "-C", directory.toString(), "-cf", tree.toString(), "file")
                .ok();
        try (DockerRegistry registry = DockerRegistry.start()) {
            String remote = registry.host() + "/big:1";
            docker.ok("run", "--name", "big", "busybox", "dd", "if=/dev/urandom", "of=/random", "bs=1M", "count=20");
            docker.ok("commit", "big", remote);
            docker.ok("save", "-o", archive.toString(), remote);
            docker.ok("push", remote);
            docker.ok("rmi", remote);
            docker.ok("create", "--name", "idle", "busybox", "true");
            String before = state();

            disk.fillUpTo(20);
            assertThat(docker.run("load", "-q", "-i", archive.toString()).err()).contains(NO_SPACE);
            assertThat(docker.run("import", tree.toString(), "large:1").err()).contains(NO_SPACE);
            assertThat(docker.run("pull", remote).err()).contains(NO_SPACE);
            assertThat(docker.run("commit", "big", "large:1").err()).contains(NO_SPACE);
            assertThat(docker.run("cp", file.toString(), "idle:/file").err()).contains(NO_SPACE);
            assertThat(docker.ok("run", "--rm", "busybox", "echo", "small")).isEqualTo("small");
            assertThat(state()).as(engine.log()).isEqualTo(before);
            disk.fillUpTo(8);
            assertThat(docker.run("create", "busybox").err()).contains(NO_SPACE);
            assertThat(docker.run("start", "idle").err()).contains(NO_SPACE);
            assertThat(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "idle"))
                    .isEqualTo("created 128");
            assertThat(state()).as(engine.log()).isEqualTo(before);

            disk.makeRoom();
            docker.ok("pull", remote);
            docker.ok("rmi", remote);
            docker.ok("load", "-q", "-i", archive.toString());
            assertThat(docker.ok("run", "--rm", remote, "wc", "-c", "/random")).isEqualTo("20971520 /random");
            docker.ok("commit", "big", "large:1");
            docker.ok("cp", file.toString(), "idle:/file");
            docker.ok("start", "-a", "idle");
        }
        engine.stop();
        assertThat(engine.fsck().ok()).contains("as it should be");
    }

    @Test
    void aContainerThatFillsItTakesNothingElseDown() throws Exception {
        docker.ok("run", "-d", "--name", "ends", "busybox", "sh", "-c", "sleep 6; exit 7");
        docker.ok("run", "-d", "--name", "fills", "busybox", "sh", "-c", "cat /dev/zero >/zeroes; sleep 1000");
        awaitFree(0, 64 << 10);
        assertThat(docker.ok("images", "--format", "{{.Repository}}")).isEqualTo("busybox");
        assertThat(docker.ok("wait", "ends")).isEqualTo("7");
        for (int i = 0; i < 30; i++) {
            docker.ok("tag", "busybox", "busybox:" + i);
        }
        assertThat(docker.run("run", "busybox").err()).contains(NO_SPACE);

        engine.sigkill();
        engine.restart();
        assertThat(docker.ok("ps", "--format", "{{.Names}}")).isEqualTo("fills");
        engine.stop();
        engine.restart();
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "ends"))
                .isEqualTo("exited 7");
        assertThat(docker.ok("images", "-q").lines()).hasSize(31);
        docker.ok("rm", "ends");

        docker.ok("rm", "-f", "fills");
        awaitFree(64 << 20, Long.MAX_VALUE);
        assertThat(docker.ok("run", "--rm", "busybox", "echo", "works")).isEqualTo("works");
        docker.ok("rmi", "-f", docker.ok("images", "-q", "busybox:latest"));
        engine.stop();
        assertThat(engine.fsck().ok()).contains("as it should be");
    }

    private void awaitFree(long least, long most) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (disk.free() < least || disk.free() > most) {
            assertThat(System.nanoTime()).as("%d bytes are free", disk.free()).isLessThan(end);
            Thread.sleep(20);
        }
    }

    /** What the engine has, and what lies where layers and spools are made. */
    private String state() throws IOException {
        List<String> found = new ArrayList<>();
        for (String place : List.of("layers/sha256", "staging", "tmp", "containers")) {
            try (Stream<Path> entries = Files.list(disk.path().resolve("data").resolve(place))) {
                entries.map(entry -> place + "/" + entry.getFileName()).sorted().forEach(found::add);
            }
        }
        return docker.ok("images", "-a", "--format", "{{.Repository}} {{.ID}} {{.Size}} ")
                + docker.ok("ps", "-as", "--format", "{{.Names}} {{.Size}}")
                + found;
    }
}
