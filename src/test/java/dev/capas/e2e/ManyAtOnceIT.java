package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** 200 containers, 8 at a time, leave nothing behind. */
class ManyAtOnceIT {
    private static final String PARENT = "/capas-crowd";

    @Test
    void leavesNothing() throws Exception {
        try (Engine engine = Engine.start();
                var eight = Executors.newFixedThreadPool(8)) {
            Docker docker = engine.docker();
            docker.run(Rootfs.busybox(), "import", "-", "busybox:latest").ok();
            List<Future<Command.Result>> runs = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String number = Integer.toString(i);
                runs.add(eight.submit(() -> docker.run(
                        "run",
                        "--rm",
                        "--cgroup-parent",
                        PARENT,
                        "busybox",
                        "sh",
                        "-c",
                        "echo " + number + " | tee /file")));
            }
            for (int i = 0; i < runs.size(); i++) {
                assertThat(runs.get(i).get().ok()).isEqualTo(i + "\n");
            }
            assertThat(docker.ok("ps", "-aq")).isEmpty();
            assertThat(engine.leftovers()).isEmpty();
            assertThat(Files.readAllLines(Path.of("/proc/mounts")))
                    .noneMatch(mount -> mount.contains(engine.directory() + "/data/containers"));
            assertThat(cgroups()).allMatch(path -> path.endsWith(PARENT));
            try (var directories = Files.list(engine.directory().resolve("data/containers"))) {
                assertThat(directories).isEmpty();
            }
            assertThat(docker.ok("system", "df", "--format", "{{.Type}} {{.TotalCount}}")
                            .lines())
                    .contains("Containers 0");
        }
    }

    private static List<String> cgroups() {
        return Command.run("find", "/sys/fs/cgroup", "-type", "d", "-path", "*" + PARENT + "*")
                .out()
                .lines()
                .toList();
    }

    @AfterAll
    static void removeParents() {
        Command.run(
                "find",
                "/sys/fs/cgroup",
                "-depth",
                "-type",
                "d",
                "-path",
                "*" + PARENT + "*",
                "-exec",
                "rmdir",
                "{}",
                "+");
    }
}
