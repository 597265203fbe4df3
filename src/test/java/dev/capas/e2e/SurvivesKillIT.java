package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** SIGKILL of the daemon in the middle of its work, again and again: containers run on, and nothing is lost or half there. */
class SurvivesKillIT {
    /** A restart from loose classes takes seconds; {@code -Dcapas.kills=50} is for a longer run by hand. */
    private static final int KILLS = Integer.getInteger("capas.kills", 8);

    private static final int WORKERS = 3;

    @Test
    void nothingIsLost() throws Exception {
        try (Engine engine = Engine.start()) {
            Docker docker = engine.docker();
            Path archive = archiveOfThreeLayers(docker);
            docker.ok(
                    "run",
                    "-d",
                    "--name",
                    "witness",
                    "busybox",
                    "sh",
                    "-c",
                    "while true; do echo tick; sleep 0.2; done");
            String pid = docker.ok("inspect", "-f", "{{.State.Pid}}", "witness");
            docker.ok("run", "--name", "source", "busybox", "sh", "-c", "seq 20000 >/numbers");
            Random random = new Random(20261124);
            for (int kill = 0; kill < KILLS; kill++) {
                docker.ok("run", "-d", "--name", "ends" + kill, "busybox", "sh", "-c", "sleep 0.4; exit 9");
                AtomicBoolean working = new AtomicBoolean(true);
                List<Thread> workers = work(docker, archive, working, kill);
                Thread.sleep(random.nextInt(900));
                engine.sigkill();
                working.set(false);
                for (Thread worker : workers) {
                    worker.join();
                }
                engine.restart();
                assertThat(docker.ok("inspect", "-f", "{{.State.Pid}} {{.State.Running}}", "witness"))
                        .isEqualTo(pid + " true");
                assertThat(docker.ok("exec", "witness", "echo", "alive")).isEqualTo("alive");
                assertThat(docker.ok("wait", "ends" + kill)).isEqualTo("9");
                docker.ok("rm", "ends" + kill);
            }
            assertThat(docker.ok("run", "--rm", "busybox", "echo", "works")).isEqualTo("works");
            docker.ok("load", "-i", archive.toString());
            assertThat(docker.ok("run", "--rm", "three:1", "cat", "/2")).isEqualTo("2");
            assertThat(docker.run("logs", "witness").out().lines())
                    .hasSizeGreaterThan(KILLS)
                    .allMatch("tick"::equals);
            for (String id : docker.ok("ps", "-aq").lines().toList()) {
                docker.ok("rm", "-f", id);
            }
            assertThat(engine.leftovers()).isEmpty();
            engine.stop();
            assertThat(engine.fsck().ok()).as("what fsck found").doesNotContain("differs");
            Files.delete(archive);
        }
    }

    private static Path archiveOfThreeLayers(Docker docker) throws IOException {
        docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sh\"]", "-", "busybox:latest")
                .ok();
        String image = "busybox";
        for (int layer = 1; layer <= 2; layer++) {
            docker.ok(
                    "run",
                    "--name",
                    "layer" + layer,
                    image,
                    "sh",
                    "-c",
                    "echo " + layer + " >/" + layer + "; mkdir d; cd d; for i in $(seq 300); do echo $i >$i; done");
            image = "three:" + (layer == 2 ? "1" : "0");
            docker.ok("commit", "layer" + layer, image);
            docker.ok("rm", "layer" + layer);
        }
        Path archive = Files.createTempFile("three", ".tar");
        docker.ok("save", "-o", archive.toString(), "three:1");
        docker.ok("rmi", "three:1", "three:0");
        return archive;
    }

    private static List<Thread> work(Docker docker, Path archive, AtomicBoolean working, int round) {
        return java.util.stream.IntStream.range(0, WORKERS)
                .mapToObj(number -> Thread.ofPlatform().start(() -> {
                    for (int turn = 0; working.get(); turn++) {
                        switch (number) {
                            case 0 -> {
                                docker.run("load", "-q", "-i", archive.toString());
                                docker.run("rmi", "three:1");
                            }
                            case 1 -> docker.run("run", "--rm", "busybox", "sh", "-c", "echo " + turn + " >/file");
                            default -> {
                                String tag = "committed:" + round + "-" + turn;
                                docker.run("commit", "source", tag);
                                docker.run("rmi", tag);
                            }
                        }
                    }
                }))
                .toList();
    }
}
