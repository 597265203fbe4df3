package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Docker's library for Python, as Debian packages it. */
class DockerPyIT {
    private static Engine engine;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    /** The script itself counts the verbs, and fails where it has left one out. */
    @Test
    void hasEveryVerb() throws Exception {
        Path rootfs = Files.write(engine.directory().resolve("rootfs.tar"), Rootfs.busybox());
        String out = Command.run(
                        "/usr/bin/python3",
                        "src/test/resources/clients/docker_py.py",
                        engine.docker().socket().toString(),
                        rootfs.toString())
                .ok();
        assertThat(out).endsWith(" verbs\n");
        assertThat(engine.log()).doesNotContain("Unexpected failure");
    }
}
