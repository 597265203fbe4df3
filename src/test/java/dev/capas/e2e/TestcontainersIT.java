package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Testcontainers for Java, unmodified: its suite is a process of its own, to which nothing but DOCKER_HOST says where it is. */
class TestcontainersIT {
    private static Engine engine;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        engine.docker()
                .run(ImageTar.tar(ImageTar.files("busybox:1", Rootfs.busybox())), "load")
                .ok();
        engine.docker()
                .run(
                        Rootfs.reaper(),
                        "import",
                        "-c",
                        "CMD [\"sh\", \"-c\", \"echo Started; exec nc -l -p 8080 -e /reap\"]",
                        "-",
                        "ryuk:1")
                .ok();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    /** The reaper hears the end of the suite's connection, removes by label what was left, and goes too. */
    private static void awaitNothingLeft() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!engine.docker().ok("ps", "-aq").isEmpty()) {
            assertThat(System.nanoTime()).as(engine.docker().ok("ps", "-a")).isLessThan(end);
            Thread.sleep(50);
        }
        assertThat(engine.docker().ok("network", "ls", "--filter", "type=custom", "-q"))
                .isEmpty();
    }

    @Test
    void passesItsSuite() throws Exception {
        Command.Result result = Command.run(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Dlogback.configurationFile=dev/capas/e2e/testcontainers-logback.xml",
                        "-Duser.home=" + engine.directory(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        TestcontainersSuite.class.getName()),
                new byte[0],
                Map.of(
                        "DOCKER_HOST",
                        "unix://" + engine.docker().socket(),
                        // where the tests run in a container themselves, Testcontainers would look for its gateway
                        "TESTCONTAINERS_HOST_OVERRIDE",
                        "localhost",
                        "TESTCONTAINERS_REUSE_ENABLE",
                        "true",
                        "TESTCONTAINERS_RYUK_CONTAINER_IMAGE",
                        "ryuk:1"));
        assertThat(result.ok().lines().filter(line -> line.startsWith("passed: ")))
                .containsExactly(
                        "passed: log",
                        "passed: health",
                        "passed: exec",
                        "passed: files",
                        "passed: one shot",
                        "passed: output",
                        "passed: reuse",
                        "passed: many",
                        "passed: ports",
                        "passed: network");
        awaitNothingLeft();
    }
}
