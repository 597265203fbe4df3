package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.Json;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What everything weighs, beside what {@code du} finds. */
class SpaceIT {
    private static Engine engine;
    private static Docker docker;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
        docker.run(Rootfs.busybox(), "import", "-", "busybox:latest").ok();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    private static JsonNode get(String target) throws Exception {
        RawClient.Answer answer = RawClient.get(docker.socket(), target);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return Json.MAPPER.readTree(answer.body());
    }

    private static long du() {
        return Long.parseLong(Command.run("du", "-sx", "-B1", engine.dataRoot().toString())
                .ok()
                .split("\\s")[0]);
    }

    private static Map<String, JsonNode> parts(JsonNode space) {
        Map<String, JsonNode> parts = new HashMap<>();
        space.path("Parts").forEach(part -> parts.put(part.path("Kind").asString(), part));
        return parts;
    }

    /** The database writes a little behind a request. */
    private static JsonNode quietSpace() throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (true) {
            long before = du();
            JsonNode space = get("/system/space");
            long after = du();
            if (before == after && space.path("DiskUsage").asLong() == after) {
                return space;
            }
            assertThat(System.nanoTime())
                    .as("du found %d and %d, the engine %s", before, after, space)
                    .isLessThan(end);
            Thread.sleep(200);
        }
    }

    @Test
    void findsEveryBlockThatDuFinds() throws Exception {
        docker.ok("volume", "create", "data");
        docker.ok(
                "run",
                "--name",
                "writer",
                "-v",
                "data:/data",
                "busybox",
                "sh",
                "-c",
                "seq 50000 >/data/a; mkdir /w; seq 1000 >/w/b; ln /w/b /w/c; dd if=/dev/zero of=/w/s bs=1 seek=5M count=1; echo hi");
        docker.ok("commit", "writer", "written");
        docker.ok("create", "--name", "second", "written", "true");
        String running = docker.ok("run", "-d", "--tmpfs", "/t", "busybox", "sleep", "1000");
        Path root = engine.dataRoot();
        Files.writeString(root.resolve("foreign"), "x".repeat(5000));
        Files.createDirectories(root.resolve("layers/sha256/nothing/of/ours"));

        Map<String, JsonNode> parts = parts(quietSpace());
        docker.ok("rm", "-f", running);
        assertThat(parts).hasSize(12).allSatisfy((kind, part) -> {
            assertThat(part.path("Size").asLong()).isNotNegative();
            assertThat(part.path("DiskUsage").asLong()).isNotNegative();
        });
        assertThat(parts.get("Layers").path("Count").asInt()).isEqualTo(2);
        assertThat(parts.get("Read-write layers").path("Count").asInt()).isEqualTo(3);
        assertThat(parts.get("Container logs").path("DiskUsage").asLong()).isPositive();
        assertThat(parts.get("Volumes").path("Size").asLong()).isEqualTo(288_894);
        assertThat(parts.get("Other").path("Size").asLong()).isGreaterThan(5000);
        docker.ok("rm", "writer", "second");
        docker.ok("rmi", "written");
        docker.ok("volume", "rm", "data");
        quietSpace();
        Files.delete(root.resolve("foreign"));
    }

    @Test
    void isATableForPeople() throws Exception {
        RawClient.Answer answer = RawClient.send(docker.socket(), "GET /system/space", "Accept: text/plain\r\n", "");
        assertThat(answer.body().lines().map(line -> line.split(" {2,}")[0]).toList())
                .startsWith("TYPE", "Layers", "Journals")
                .endsWith("Other", "Total");
        var command = Engine.java("space", "-H", "unix://" + docker.socket());
        var out = new ByteArrayOutputStream();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().transferTo(out);
        assertThat(process.waitFor()).isZero();
        assertThat(out.toString()).contains("Read-write layers").contains("Total");
    }

    private static JsonNode volume(String parameters) throws Exception {
        for (JsonNode volume : get("/system/df?type=volume" + parameters).path("Volumes")) {
            if (volume.path("Name").asString().equals("grown")) {
                return volume.path("UsageData");
            }
        }
        throw new AssertionError("no volume");
    }

    @Test
    void measuresAVolumeWhenTheContainerThatMountsItHasStopped() throws Exception {
        docker.ok("run", "--rm", "-v", "grown:/data", "busybox", "sh", "-c", "echo 12345678 >/data/a");
        Instant stopped = Instant.now();
        Thread.sleep(600);
        Instant asked = Instant.now();
        JsonNode first = volume("");
        assertThat(first.path("Size").asLong()).isEqualTo(9);
        assertThat(Instant.parse(first.path("SizedAt").asString())).isBetween(stopped.minusSeconds(1), asked);
        Files.writeString(engine.dataRoot().resolve("volumes/grown/_data/b"), "more");
        assertThat(volume("")).as("not walked again").isEqualTo(first);
        assertThat(volume("&measure=1")).as("too new to be walked again").isEqualTo(first);
        docker.ok("volume", "rm", "grown");
    }

    @Test
    void listsAsManyAsAreAskedFor() throws Exception {
        docker.ok("tag", "busybox", "other");
        String one = docker.ok("create", "busybox", "true");
        String two = docker.ok("create", "busybox", "true");
        JsonNode usage = get("/system/df?limit=1");
        assertThat(usage.path("Images").size()).isEqualTo(1);
        assertThat(usage.path("Containers").size()).isEqualTo(1);
        assertThat(usage.path("Containers").path(0).path("Id").asString()).isEqualTo(two);
        assertThat(get("/images/json?limit=1").size()).isEqualTo(1);
        docker.ok("rm", one, two);
    }
}
