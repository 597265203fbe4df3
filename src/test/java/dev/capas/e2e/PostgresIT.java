package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The whole engine on PostgreSQL. */
class PostgresIT {
    /** So long after its last use, in milliseconds, the pool takes a connection to be alive without asking. */
    private static final long WITHOUT_QUESTION = 600;

    @Test
    void worksAndSurvives() throws Exception {
        try (PostgresServer server = PostgresServer.start();
                Engine engine = Engine.start(
                        "--database-url", server.newDatabase("capas"), "--database-user", PostgresServer.USER)) {
            Docker docker = engine.docker();
            docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sh\"]", "-", "busybox:latest")
                    .ok();
            docker.run("load", "-i", archive(engine).toString()).ok();
            docker.ok("run", "--name", "writer", "busybox", "sh", "-c", "echo 00000000000000000 >/file.txt");
            docker.ok("run", "-d", "--name", "stays", "--label", "a=\u00e9 \u2028", "busybox", "sleep", "1000");
            assertThat(docker.run("create", "--name", "stays", "busybox").err())
                    .contains("Conflict. The container name \"/stays\" is already in use");
            docker.ok("commit", "writer", "written:1");
            String known = known(docker);
            assertThat(known).contains("written:1 ", "writer exited 18", "stays running 0");

            engine.sigkill();
            server.restart();
            engine.restart();
            assertThat(known(docker)).isEqualTo(known);
            assertThat(docker.ok("run", "--rm", "written:1", "cat", "/file.txt"))
                    .isEqualTo("0".repeat(17));

            server.restart();
            Thread.sleep(WITHOUT_QUESTION);
            assertThat(docker.ok("run", "--rm", "busybox", "echo", "after it was gone"))
                    .isEqualTo("after it was gone");
            docker.ok("rm", "-f", "writer", "stays");
            docker.ok("rmi", "written:1", "busybox", "two:1");
            try (var layers = Files.list(engine.directory().resolve("data/layers/sha256"))) {
                assertThat(layers).isEmpty();
            }
            assertThat(engine.directory().resolve("data/db")).doesNotExist();
            engine.stop();
            assertThat(engine.fsck().ok()).contains("everything is as it should be");
        }
    }

    private static Path archive(Engine engine) throws java.io.IOException {
        byte[] top = ImageTar.layer("top", "top");
        return Files.write(
                engine.directory().resolve("two.tar"),
                ImageTar.tar(ImageTar.files("two:1", top, ImageTar.layer("other", "other"), top)));
    }

    private static String known(Docker docker) {
        return docker.ok("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}} {{.Size}}")
                + docker.ok(
                                "inspect",
                                "-s",
                                "-f",
                                "{{.Name}} {{.State.Status}} {{.SizeRw}} {{json .Config.Labels}}",
                                "writer",
                                "stays")
                        .replace("/", "\n");
    }
}
