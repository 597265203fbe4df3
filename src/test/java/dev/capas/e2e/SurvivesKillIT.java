package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL of the daemon in the middle of its work, again and again: containers run on, and nothing is lost or half there. */
class SurvivesKillIT {
    /** Every one costs a start of the engine; {@code -Dcapas.kills=50} is for a longer run by hand. */
    private static final int KILLS = Integer.getInteger("capas.kills", 10);

    /** The longest time from a start of work to the kill, in milliseconds. */
    private static final int LONGEST = 900;

    private static final long SEED = Long.getLong("capas.seed", 20261124);

    @TempDir
    private Path directory;

    private Docker docker;
    private Path archive;
    private String pulled;

    @Test
    void nothingIsLost() throws Exception {
        try (Engine engine = Engine.start();
                DockerRegistry registry = DockerRegistry.start()) {
            docker = engine.docker();
            pulled = registry.host() + "/three:1";
            makeImages();
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
            Random random = new Random(SEED);
            for (int kill = 0; kill < KILLS; kill++) {
                docker.ok("run", "-d", "--name", "ends" + kill, "busybox", "sh", "-c", "sleep 0.4; exit 9");
                AtomicBoolean working = new AtomicBoolean(true);
                List<Thread> workers = work(working, kill);
                Thread.sleep(random.nextInt(LONGEST));
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
            docker.ok("pull", pulled);
            assertThat(docker.run("logs", "witness").out().lines())
                    .hasSizeGreaterThan(KILLS)
                    .allMatch("tick"::equals);
            for (String id : docker.ok("ps", "-aq").lines().toList()) {
                docker.ok("rm", "-f", id);
            }
            assertThat(engine.leftovers()).isEmpty();
            engine.stop();
            assertThat(engine.fsck().out()).isEqualTo("everything is as it should be\n");
        }
    }

    /** An image of three layers, in an archive and in the registry, and not here. */
    private void makeImages() throws IOException {
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
        archive = directory.resolve("three.tar");
        docker.ok("save", "-o", archive.toString(), "three:1");
        docker.ok("tag", "three:1", pulled);
        docker.ok("push", pulled);
        docker.ok("rmi", "three:1", "three:0", pulled);
    }

    private interface Work {
        void once(String name);
    }

    /** Each kind of work on a thread of its own, over and over; whether it succeeds is not asked, for the engine goes down meanwhile. */
    private List<Thread> work(AtomicBoolean working, int round) {
        List<Work> kinds = List.of(
                name -> {
                    docker.run("load", "-q", "-i", archive.toString());
                    docker.run("rmi", "three:1");
                },
                name -> {
                    docker.run("pull", "-q", pulled);
                    docker.run("rmi", pulled);
                },
                name -> {
                    docker.run("create", "--name", name, "busybox", "sh", "-c", "echo 1 >/file");
                    docker.run("start", name);
                    docker.run("rm", "-f", name);
                },
                name -> {
                    docker.run("commit", "source", "committed:" + name);
                    docker.run("rmi", "committed:" + name);
                });
        return IntStream.range(0, kinds.size())
                .mapToObj(number -> Thread.ofPlatform().start(() -> {
                    for (int turn = 0; working.get(); turn++) {
                        kinds.get(number).once("w" + round + "-" + turn);
                    }
                }))
                .toList();
    }
}
