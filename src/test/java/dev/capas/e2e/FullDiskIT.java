package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A disk that is full in the middle of a load, an import, a commit and a run: a clear error, nothing half there, and it works once there is room. */
class FullDiskIT {
    private static final String NO_SPACE = "no space left on device";

    @Test
    void leavesNothingHalfThere() throws Exception {
        Path mount = Files.createTempDirectory("small");
        Path disk = Files.createTempFile("small", ".ext4");
        Command.run("truncate", "-s", "96M", disk.toString()).ok();
        Command.run("mkfs.ext4", "-q", disk.toString()).ok();
        Command.run("mount", "-o", "loop", disk.toString(), mount.toString()).ok();
        try (Engine engine = Engine.startOn(mount.resolve("data"))) {
            Docker docker = engine.docker();
            docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sh\"]", "-", "busybox:latest")
                    .ok();
            docker.ok(
                    "run",
                    "--name",
                    "big",
                    "busybox",
                    "sh",
                    "-c",
                    "dd if=/dev/zero of=/zeroes bs=1M count=30 2>/dev/null");
            docker.ok("commit", "big", "big:1");
            Path archive = Files.createTempFile("big", ".tar");
            docker.ok("save", "-o", archive.toString(), "big:1");
            docker.ok("rmi", "big:1");
            docker.ok("rm", "big");
            Path filler = mount.resolve("filler");
            Command.run(
                    "sh",
                    "-c",
                    "dd if=/dev/zero of=$0 bs=1M count=$(($(df -m --output=avail $1 | tail -1) - 18)) 2>/dev/null",
                    filler.toString(),
                    mount.toString());

            String before = docker.ok("system", "df");
            assertThat(docker.run("load", "-q", "-i", archive.toString()).err()).containsIgnoringCase(NO_SPACE);
            byte[] large = new byte[40 << 20];
            assertThat(docker.run(tarOf(large), "import", "-", "large:1").err()).containsIgnoringCase(NO_SPACE);
            assertThat(docker.ok("images", "--format", "{{.Repository}}")).isEqualTo("busybox");
            assertThat(docker.run("system", "df").out()).as(engine.log()).isEqualTo(before);
            assertThat(docker.ok("run", "--rm", "busybox", "echo", "small")).isEqualTo("small");

            Files.delete(filler);
            assertThat(docker.run("load", "-q", "-i", archive.toString()).code()).as(engine.log()).isZero();
            assertThat(docker.ok("run", "--rm", "big:1", "wc", "-c", "/zeroes")).isEqualTo("31457280 /zeroes");
            docker.ok("rmi", "big:1");
            Files.delete(archive);
        } finally {
            Command.run("umount", "-l", mount.toString());
            Files.delete(mount);
            Files.delete(disk);
        }
    }

    private static byte[] tarOf(byte[] content) throws Exception {
        Path directory = Files.createTempDirectory("large");
        Files.write(directory.resolve("large"), content);
        Command.run("tar", "-C", directory.toString(), "-cf", directory + ".tar", "large")
                .ok();
        byte[] tar = Files.readAllBytes(Path.of(directory + ".tar"));
        Command.run("rm", "-r", directory.toString(), directory + ".tar").ok();
        return tar;
    }
}
