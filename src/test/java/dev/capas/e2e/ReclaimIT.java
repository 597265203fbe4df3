package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What a plan promises is what goes, to the byte, as {@code find} sees it; a dry run tells what the real one does. */
class ReclaimIT {
    private static final byte[] BASE = ImageTar.layer("base", "12345");

    private static Engine engine;
    private static Api api;
    private static Docker docker;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
        api = new Api(docker.socket());
        docker.run(ImageTar.tar(ImageTar.files("shell:1", Rootfs.busybox())), "load")
                .ok();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    @AfterEach
    void clear() {
        docker.ok("ps", "-aq").lines().forEach(id -> docker.ok("rm", "-fv", id));
        docker.ok("volume", "ls", "-q").lines().forEach(name -> docker.ok("volume", "rm", name));
        docker.ok("images", "-q", "--no-trunc")
                .lines()
                .distinct()
                .filter(id -> !id.equals(shell()))
                .forEach(id -> docker.run("rmi", "-f", id));
        assertThat(docker.ok("images", "-aq").lines().distinct()).hasSize(1);
    }

    private static String shell() {
        return docker.ok("inspect", "-f", "{{.Id}}", "shell:1");
    }

    private static void load(String tag, byte[]... layers) {
        docker.run(ImageTar.tar(ImageTar.files(tag, layers)), "load").ok();
    }

    private static byte[] layer(String content) {
        return ImageTar.layer(content, content);
    }

    private static long found() {
        return StoreWalk.of(engine.dataRoot()).size();
    }

    private static JsonNode plan(String query) {
        return api.get("/system/reclaim" + query).ok();
    }

    private static List<String> strings(JsonNode array, String field) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(node -> node.path(field).asString())
                .toList();
    }

    /** Carries a plan out, and returns its answer: what it promised must be gone. */
    private static JsonNode carryOut(JsonNode plan) {
        long before = found();
        JsonNode done =
                api.post("/system/reclaim/" + plan.path("Plan").asString()).ok();
        assertThat(before - found())
                .as(plan.toString())
                .isEqualTo(plan.path("Reclaimable").asLong())
                .isEqualTo(done.path("SpaceReclaimed").asLong());
        return done;
    }

    @Test
    void sharedLayersGoWithTheLastThatHasThem() {
        load("one:1", BASE, layer("one"));
        load("two:1", BASE, layer("second"));
        load("three:1", BASE, layer("third"));
        JsonNode one = plan("?image=one:1");
        assertThat(one.path("Reclaimable").asLong()).isEqualTo(3);
        assertThat(strings(one.path("Kept"), "Kind")).containsExactly("layer");
        assertThat(one.path("Kept").get(0).path("Size").asLong()).isEqualTo(5);
        assertThat(strings(one.path("Kept").get(0).path("HeldBy"), "ID"))
                .containsExactlyInAnyOrder(id("two:1"), id("three:1"));
        JsonNode all = plan("?image=one:1&image=two:1&image=three:1");
        assertThat(all.path("Reclaimable").asLong()).isEqualTo(3 + 6 + 5 + 5);
        assertThat(all.path("Kept")).isEmpty();
        assertThat(StreamSupport.stream(all.path("Items").spliterator(), false)
                        .map(item -> item.path("Reclaimable").asLong()))
                .as("alone")
                .containsExactly(3L, 6L, 5L);
        carryOut(all);
    }

    private static String id(String name) {
        return docker.ok("inspect", "-f", "{{.Id}}", name);
    }

    @Test
    void anImageGoesWithItsLastName() {
        load("many:1", layer("several"));
        docker.ok("tag", "many:1", "many:2");
        docker.ok("tag", "many:1", "other:1");
        JsonNode one = plan("?image=many:1");
        assertThat(one.path("Reclaimable").asLong()).isZero();
        assertThat(one.path("Items").get(0).path("Stays").asBoolean()).isTrue();
        assertThat(one.path("Kept").get(0).path("Names").toString()).isEqualTo("[\"many:2\",\"other:1\"]");
        JsonNode refused = plan("?image=" + Api.encode(id("many:1")));
        assertThat(refused.path("Items")).isEmpty();
        assertThat(refused.path("Kept").get(0).path("Reason").asString())
                .isEqualTo(docker.run("rmi", "many:1", id("many:1"))
                        .err()
                        .strip()
                        .replace("Error response from daemon: ", ""));
        docker.ok("tag", "many:2", "many:1");
        JsonNode all = plan("?image=many:2&image=other:1&image=many:1");
        assertThat(all.path("Reclaimable").asLong()).isEqualTo(7);
        carryOut(all);
    }

    @Test
    void parentsGoWithTheirChildren() {
        docker.ok("run", "--name", "maker", "shell:1", "sh", "-c", "echo 1 >/one");
        String parent = docker.ok("commit", "maker");
        docker.ok("rm", "maker");
        docker.ok("run", "--name", "maker", parent, "sh", "-c", "echo 22 >/two");
        docker.ok("commit", "maker", "child:1");
        JsonNode withoutContainer = plan("?image=child:1&image=" + parent);
        assertThat(withoutContainer.path("Reclaimable").asLong())
                .as("its container uses the parent")
                .isEqualTo(3);
        docker.ok("rm", "maker");
        JsonNode refused = plan("?image=" + parent);
        assertThat(refused.path("Kept").get(0).path("Reason").asString()).contains("image has dependent child images");
        JsonNode both = plan("?image=" + parent + "&image=child:1");
        assertThat(both.path("Reclaimable").asLong()).isEqualTo(2 + 3);
        JsonNode child = plan("?image=child:1");
        assertThat(child.path("Reclaimable").asLong()).isEqualTo(2 + 3);
        assertThat(child.path("Items").get(0).path("Reclaimable").asLong()).isEqualTo(2 + 3);
        carryOut(child);
    }

    @Test
    void containersGoWithWhatTheyWroteAndWhatOnlyTheyHold() {
        docker.ok("volume", "create", "named");
        docker.ok(
                "run",
                "--name",
                "stopped",
                "-v",
                "/data",
                "-v",
                "named:/named",
                "shell:1",
                "sh",
                "-c",
                "echo 12345678 >/file; ln /file /link; rm /bin/sh; echo 123 >/data/x; echo 12345 >/named/y");
        docker.ok("run", "-d", "--name", "running", "shell:1", "sleep", "1000");
        load("gone:1", BASE, layer("gone"));
        docker.ok("create", "--name", "last", "gone:1");
        docker.ok("rmi", "-f", "gone:1");
        String anonymous = docker.ok(
                "inspect", "-f", "{{range .Mounts}}{{if eq .Destination \"/data\"}}{{.Name}}{{end}}{{end}}", "stopped");

        JsonNode running = plan("?container=running");
        assertThat(running.path("Items")).isEmpty();
        assertThat(running.path("Kept").get(0).path("Reason").asString())
                .isEqualTo(
                        "cannot remove container \"running\": container is running: stop the container before removing or force remove");
        JsonNode used = plan("?volume=named");
        assertThat(used.path("Kept").get(0).path("Reason").asString())
                .isEqualTo(
                        "remove named: volume is in use - [" + docker.ok("inspect", "-f", "{{.Id}}", "stopped") + "]");
        JsonNode image = plan("?image=shell:1");
        assertThat(image.path("Kept").get(0).path("Reason").asString())
                .startsWith("conflict: unable to remove repository reference \"shell:1\" (must force) - container ");

        JsonNode stopped = plan("?container=stopped");
        assertThat(stopped.path("Reclaimable").asLong()).isEqualTo(9);
        assertThat(stopped.path("DiskUsage").asLong()).isGreaterThanOrEqualTo(4096);
        assertThat(strings(stopped.path("Kept"), "Kind")).containsExactlyInAnyOrder("volume", "volume", "layer");
        JsonNode unused = plan("");
        assertThat(unused.path("Reclaimable").asLong())
                .as("the container, its anonymous volume, the one whose image is gone")
                .isEqualTo(9 + 4 + 9);
        assertThat(strings(unused.path("Items"), "ID")).contains(anonymous).doesNotContain("named");
        JsonNode done = carryOut(unused);
        assertThat(done.path("ContainersDeleted")).hasSize(2);
        assertThat(done.path("VolumesDeleted").toString()).isEqualTo("[\"" + anonymous + "\"]");
        assertThat(docker.ok("ps", "-a", "--format", "{{.Names}}")).isEqualTo("running");
        JsonNode named = plan("?volume=named");
        assertThat(named.path("Reclaimable").asLong()).isEqualTo(6);
        carryOut(named);
    }

    @Test
    void theOldestAndFewestAreChosen() throws Exception {
        docker.ok("run", "-d", "--name", "keeps", "shell:1", "sleep", "1000");
        for (int i = 1; i <= 4; i++) {
            load("old:" + i, BASE, layer("x".repeat(10 * i)));
            Thread.sleep(5);
        }
        assertThat(plan("?free=10").path("Items").get(0).path("Names").toString())
                .isEqualTo("[\"old:1\"]");
        JsonNode enough = plan("?free=25B");
        assertThat(strings(enough.path("Items"), "ID"))
                .as("10 + 20 are enough")
                .containsExactly(id("old:1"), id("old:2"));
        JsonNode one = plan("?free=40");
        assertThat(one.path("Reclaimable").asLong())
                .as("10 and 30, or 20 and 30: the fewest of the oldest")
                .isGreaterThanOrEqualTo(40)
                .isLessThan(60);
        assertThat(one.path("Wanted").asLong()).isEqualTo(40);
        JsonNode all = plan("?free=1GB");
        assertThat(all.path("Reclaimable").asLong()).as("all there is").isEqualTo(105);
        assertThat(plan("?unused-for=1h").path("Items")).isEmpty();
        assertThat(plan("?unused-for=1ns").path("Reclaimable").asLong()).isEqualTo(105);
        assertThat(plan("?unused-for=1h&free=5B").path("Items")).isEmpty();
        carryOut(enough);
        carryOut(plan("?unused-for=0s"));
    }

    @Test
    void aPlanFitsOneWorldOnce() {
        load("planned:1", layer("planned"));
        load("beside:1", layer("besides"));
        String stale = plan("?image=planned:1").path("Plan").asString();
        docker.ok("tag", "planned:1", "planned:2");
        Api.Answer changed = api.post("/system/reclaim/" + stale);
        assertThat(changed.status()).isEqualTo(409);
        assertThat(changed.message()).contains(stale).contains("it would free 0 bytes, not 7");
        String used = plan("?image=planned:1&image=planned:2").path("Plan").asString();
        docker.ok("create", "--name", "user", "planned:1");
        assertThat(api.post("/system/reclaim/" + used).status()).isEqualTo(409);
        docker.ok("rm", "user");
        String all = plan("").path("Plan").asString();
        load("later:1", layer("later"));
        assertThat(api.post("/system/reclaim/" + all).status())
                .as("one more is unused")
                .isEqualTo(409);
        assertThat(api.post("/system/reclaim/" + used).status())
                .as("somebody used it meanwhile")
                .isEqualTo(409);
        String fits = plan("?image=planned:1&image=planned:2").path("Plan").asString();
        assertThat(api.post("/system/reclaim/" + fits).status()).isEqualTo(200);
        Api.Answer twice = api.post("/system/reclaim/" + fits);
        assertThat(twice.status()).isEqualTo(409);
        assertThat(twice.message()).contains("was carried out already");
        assertThat(api.post("/system/reclaim/" + "0".repeat(32)).status()).isEqualTo(404);
        assertThat(api.post("/system/reclaim/nothing").status()).isEqualTo(400);
        assertThat(docker.ok("images", "-q", "beside", "--no-trunc")).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "free=-1, 400, it is negative",
        "free=9223372036854775808, 400, it is too large",
        "free=10XB, 400, the units are",
        "free=much, 400, invalid size",
        "unused-for=soon, 400, invalid unused-for 'soon'",
        "unused-for=-1h, 400, it is negative",
        "unused-for=, 400, invalid unused-for ''",
        "unused-for=99999999999h, 400, invalid unused-for",
        "image=nothing, 404, No such image: nothing:latest",
        "image=, 400, invalid reference format",
        "container=nothing, 404, No such container: nothing",
        "volume=nothing, 404, get nothing: no such volume"
    })
    void whatMakesNoSenseIsToldSo(String query, int status, String message) {
        Api.Answer answer = api.get("/system/reclaim?" + query);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.message()).contains(message);
    }

    @Test
    void aDryRunTellsWhatTheRealOneDoes() {
        load("dry:1", BASE, layer("dry"));
        docker.ok("tag", "dry:1", "dry:2");
        docker.ok("create", "--name", "made", "shell:1");
        docker.ok("create", "--name", "removed", "shell:1");
        docker.ok("run", "-d", "--name", "running", "shell:1", "sleep", "1000");
        docker.ok("volume", "create", "free");
        docker.ok("volume", "create", "used");
        docker.ok("create", "--name", "user", "-v", "used:/used", "shell:1");
        docker.ok("network", "create", "idle");
        List<String> targets = List.of(
                "DELETE /images/dry:1",
                "DELETE /images/dry:2",
                "DELETE /images/dry:2",
                "DELETE /images/shell:1",
                "DELETE /images/" + id("shell:1"),
                "DELETE /containers/removed",
                "DELETE /containers/removed",
                "DELETE /containers/running",
                "DELETE /containers/running?link=1",
                "DELETE /volumes/used",
                "DELETE /volumes/free",
                "DELETE /volumes/free",
                "DELETE /volumes/free?force=1",
                "DELETE /networks/bridge",
                "DELETE /networks/idle",
                "DELETE /networks/idle",
                "POST /containers/prune?filters=nothing",
                "POST /containers/prune",
                "POST /volumes/prune?filters=" + Api.encode("{\"all\":[\"1\"]}"),
                "POST /networks/prune",
                "POST /images/prune",
                "POST /build/prune",
                "POST /images/prune?filters=" + Api.encode("{\"dangling\":[\"false\"]}"),
                "DELETE /containers/running?force=1");
        load("left:1", layer("left"));
        for (String target : targets) {
            String[] words = target.split(" ");
            String before = world();
            Api.Answer dry = send(words[0], words[1] + (words[1].contains("?") ? "&" : "?") + "dry-run=1");
            assertThat(world()).as(target).isEqualTo(before);
            Api.Answer real = send(words[0], words[1]);
            assertThat(dry).as(target).isEqualTo(real);
        }
        docker.run("network", "rm", "idle");
    }

    private static Api.Answer send(String method, String target) {
        return method.equals("POST") ? api.post(target) : api.delete(target);
    }

    private static String world() {
        return docker.ok("ps", "-aq")
                + docker.ok("images", "-a")
                + docker.ok("volume", "ls")
                + docker.ok("network", "ls");
    }

    @Test
    void theCommandShowsAndDoesIt() {
        load("seen:1", layer("seenlayer"));
        String host = "unix://" + docker.socket();
        Command.Result shown =
                Command.run(Engine.java("reclaim", "-H", host, "--image", "seen:1"), new byte[0], Map.of());
        assertThat(shown.ok()).startsWith("TYPE").contains("seen:1").contains("Reclaimable: 9 bytes");
        Command.Result done = Command.run(
                Engine.java("reclaim", "--image", "seen:1", "--yes"), new byte[0], Map.of("DOCKER_HOST", host));
        assertThat(done.ok()).contains("Untagged: seen:1").contains("Total reclaimed space: 9B");
        Command.Result none =
                Command.run(Engine.java("reclaim", "-H", host, "--image", "seen:1"), new byte[0], Map.of());
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("No such image: seen:1");
    }
}
