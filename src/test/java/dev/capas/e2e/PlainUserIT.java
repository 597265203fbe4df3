package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The engine as a user without any privilege: all that needs none works, and what needs some is refused with the reason. */
class PlainUserIT {
    @Test
    void doesWhatThePlaceAllows() throws Exception {
        Path directory = Files.createTempDirectory("plain");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"));
        command.addAll(Engine.javaFrom(
                directory,
                "daemon",
                "--data-root",
                directory.resolve("data").toString(),
                "--exec-root",
                directory.resolve("exec").toString(),
                "--pidfile",
                directory.resolve("pid").toString(),
                "-H",
                "unix://" + directory.resolve("capas.sock"),
                "--no-docker-socket"));
        Process engine = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        try {
            Docker docker = new Docker(directory.resolve("capas.sock"));
            awaitReady(engine, docker, directory);
            docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sh\"]", "-", "busybox:latest")
                    .ok();
            assertThat(docker.ok("images", "--format", "{{.Repository}}:{{.Tag}}"))
                    .isEqualTo("busybox:latest");
            Path archive = directory.resolve("saved.tar");
            docker.ok("save", "-o", archive.toString(), "busybox");
            String id = docker.ok("inspect", "-f", "{{.Id}} {{.Size}}", "busybox");
            docker.ok("rmi", "busybox");
            docker.ok("load", "-i", archive.toString());
            assertThat(docker.ok("inspect", "-f", "{{.Id}} {{.Size}}", "busybox"))
                    .isEqualTo(id);
            assertThat(docker.ok("inspect", "-f", "{{len .RootFS.Layers}}", "busybox"))
                    .isEqualTo("1");
            assertThat(docker.ok("history", "-q", "--no-trunc", "busybox"))
                    .isEqualTo(docker.ok("inspect", "-f", "{{.Id}}", "busybox"));
            assertThat(docker.ok("system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Size}}"))
                    .startsWith("Images 1 "
                            + docker.ok("images", "--format", "{{.Size}}").replace("MB", ""));
            Path again = directory.resolve("again.tar");
            docker.ok("save", "-o", again.toString(), "busybox");
            assertThat(again).hasSameBinaryContentAs(archive);
            docker.ok("create", "--name", "never", "busybox", "true");
            assertThat(docker.ok("inspect", "-s", "-f", "{{.State.Status}} {{.SizeRw}}", "never"))
                    .isEqualTo("created 0");
            Command.Result refused = docker.run("start", "never");
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err()).containsIgnoringCase("mount");
            assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "never")).isEqualTo("created");
            assertThat(docker.ok("info", "--format", "{{json .Warnings}}")).containsIgnoringCase("mount");
            docker.ok("rm", "never");
        } finally {
            engine.destroy();
            engine.waitFor();
            Command.run("rm", "-rf", directory.toString()).ok();
        }
    }

    private static void awaitReady(Process engine, Docker docker, Path directory) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (docker.run("version").code() != 0) {
            if (!engine.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("the engine does not start:\n" + Files.readString(directory.resolve("log")));
            }
            Thread.sleep(100);
        }
    }
}
