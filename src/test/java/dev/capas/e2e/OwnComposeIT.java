package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The project's own {@code docker-compose.yml}, run on Capas itself: an engine within the engine, with its metadata in PostgreSQL. */
class OwnComposeIT {
    private static Engine outer;
    private static Compose compose;
    private static Docker inner;

    @BeforeAll
    static void up() throws Exception {
        outer = Engine.start();
        Path project = Files.createDirectory(outer.directory().resolve("project"));
        Path file = Files.copy(Path.of("docker-compose.yml"), project.resolve("docker-compose.yml"));
        Files.writeString(project.resolve(".env"), "CAPAS_DATABASE_PASSWORD=it's \"hard\" to guess\n");
        String path = "ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin";
        outer.docker()
                .run(
                        Rootfs.postgres(),
                        "import",
                        "-c",
                        path,
                        "-c",
                        "CMD /start",
                        "-c",
                        "USER postgres",
                        "-",
                        "postgres:17")
                .ok();
        outer.docker()
                .run(Rootfs.engine(), "import", "-c", path, "-c", "ENTRYPOINT [\"/opt/capas/capas\"]", "-", "capas")
                .ok();
        compose = new Compose(outer.docker(), file);
        compose.ok("up", "-d", "--wait");
        inner = new Docker(project.resolve("run/capas.sock"));
        inner.run(Rootfs.busybox(), "import", "-c", "CMD sh", "-", "busybox").ok();
    }

    @AfterAll
    static void down() throws Exception {
        try {
            compose.ok("down", "-v");
        } finally {
            outer.close();
        }
    }

    @Test
    void containersRunWithin() {
        assertThat(inner.ok("run", "--rm", "busybox", "echo", "from within")).isEqualTo("from within");
        inner.ok(
                "run",
                "-d",
                "--name",
                "worker",
                "--memory",
                "50m",
                "busybox",
                "sh",
                "-c",
                "echo 12345 >/file; sleep 1000");
        assertThat(inner.ok("exec", "worker", "cat", "/file")).isEqualTo("12345");
        assertThat(inner.ok("ps", "-s", "--format", "{{.Names}} {{.Size}}")).startsWith("worker 6B (virtual ");
        assertThat(inner.ok("stats", "--no-stream", "--format", "{{.MemUsage}}", "worker"))
                .endsWith(" / 50MiB");
        inner.ok("pause", "worker");
        assertThat(inner.ok("ps", "--format", "{{.Status}}")).endsWith("(Paused)");
        inner.ok("unpause", "worker");
        inner.ok("network", "create", "within");
        inner.ok("run", "-d", "--name", "server", "--network", "within", "busybox", "httpd", "-f", "-h", "/etc");
        assertThat(inner.ok("run", "--rm", "--network", "within", "busybox", "wget", "-qO", "-", "http://server/group"))
                .startsWith("root:x:0:");
        inner.ok("rm", "-f", "server", "worker");
        inner.ok("network", "rm", "within");
    }

    @Test
    void itsMetadataLiesInPostgres() {
        String image = inner.ok("images", "-q", "--no-trunc", "busybox").substring("sha256:".length());
        assertThat(
                        compose.out(
                                "exec",
                                "-T",
                                "database",
                                "sh",
                                "-c",
                                "PGPASSWORD=$(cat /run/secrets/database-password) psql -h /tmp -U capas -Atc 'select id from image'"))
                .isEqualTo(image);
        compose.ok("restart", "engine");
        compose.ok("up", "-d", "--wait");
        assertThat(inner.ok("images", "-q", "--no-trunc", "busybox")).endsWith(image);
    }
}
