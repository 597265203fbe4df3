package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.Digest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Who shares which layers and what they hide, as curl and the command line are told: two images on two common layers, and a container. */
class LayersIT {
    private static final Pattern NEXT = Pattern.compile("(?im)^Link: <([^>]+)>; rel=\"next\"");
    private static final byte[] DATA =
            ImageTar.tar(Map.of("f", new byte[1000], "g", new byte[2000], "h", new byte[50]));

    private static Engine engine;
    private static Docker docker;
    private static Api api;
    private static byte[] base;
    private static String data;
    private static String top;
    private static String container;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
        api = new Api(docker.socket());
        base = Rootfs.busybox();
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("f", new byte[10]);
        files.put(".wh.g", new byte[0]);
        byte[] shrunk = ImageTar.tar(files);
        data = Digest.ofContent(DATA).toString();
        top = Digest.ofContent(shrunk).toString();
        load("parent:1", List.of("ADD rootfs", "#CMD sh", "RUN make data"), base, DATA);
        load(
                "child:1",
                List.of("ADD rootfs", "#CMD sh", "RUN make data", "RUN shrink", "#ENV a=b"),
                base,
                DATA,
                shrunk);
        container = docker.ok(
                "create",
                "--network",
                "none",
                "--name",
                "writer",
                "child:1",
                "sh",
                "-c",
                "rm /h; echo 12345 >/f; echo new >/n");
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    private static void load(String tag, List<String> commands, byte[]... layers) {
        List<Digest> diffIds = List.of(layers).stream().map(Digest::ofContent).toList();
        byte[] archive = ImageTar.tar(ImageTar.configured(tag, ImageTar.config(diffIds, commands), layers));
        api.post("/images/load", archive).ok();
    }

    private static String curl(String path, String... options) {
        List<String> command = new ArrayList<>(
                List.of("curl", "-sS", "--unix-socket", docker.socket().toString()));
        command.addAll(List.of(options));
        command.add("http://localhost" + path);
        return Command.run(command, new byte[0], Map.of()).ok();
    }

    private static Command.Result capas(String... arguments) {
        List<String> command = new ArrayList<>(Engine.java("layers"));
        command.addAll(List.of(arguments));
        return Command.run(command, new byte[0], Map.of("DOCKER_HOST", "unix://" + docker.socket()));
    }

    private static List<String> ids(JsonNode layers) {
        List<String> ids = new ArrayList<>();
        layers.forEach(layer -> ids.add(layer.path("DiffID").asString()));
        return ids;
    }

    @Test
    void layersTellWhoUsesThem() {
        JsonNode layers = api.get("/layers?sort=-size").ok();
        assertThat(ids(layers)).containsExactly(Digest.ofContent(base).toString(), data, top);
        JsonNode shared = layers.get(1);
        assertThat(shared.path("Size").asLong()).isEqualTo(3050);
        assertThat(shared.path("DiskUsage").asLong()).isPositive();
        assertThat(shared.path("Files").asInt()).isEqualTo(3);
        assertThat(shared.path("RefCount").asInt()).isEqualTo(3);
        assertThat(shared.path("Users"))
                .hasSize(3)
                .allSatisfy(user -> assertThat(user.path("Position").asInt()).isEqualTo(1));
        List<String> users = new ArrayList<>();
        shared.path("Users")
                .forEach(user -> users.add(user.path("Type").asString() + " "
                        + user.path("Names").get(0).asString() + " "
                        + user.path("CreatedBy").asString("-")));
        assertThat(users)
                .containsExactlyInAnyOrder(
                        "image parent:1 RUN make data", "image child:1 RUN make data", "container writer -");
        assertThat(layers.get(2).path("Users").get(1).path("ID").asString()).isEqualTo(container);

        assertThat(ids(api.get("/layers?image=parent:1&sort=size").ok()))
                .hasSize(2)
                .first()
                .isEqualTo(data);
        assertThat(ids(api.get("/layers?container=writer&larger=3.049kB&sort=size")
                        .ok()))
                .hasSize(2);
        assertThat(ids(api.get("/layers?unused=1").ok())).isEmpty();
        assertThat(ids(api.get("/v1.44/layers?filters="
                                + Api.encode("{\"larger\":[\"3kB\"],\"image\":{\"parent:1\":true}}"))
                        .ok()))
                .hasSize(2);
    }

    @Test
    void theLinkLeadsThroughAllPages() {
        List<String> found = new ArrayList<>();
        @Nullable String next = "/v1.51/layers?limit=1&sort=diffID";
        String second = "";
        for (int page = 0; next != null; page++) {
            String answer = curl(next, "-i");
            Matcher ids = Pattern.compile("\"DiffID\":\"([^\"]+)\"").matcher(answer);
            assertThat(ids.find()).as(answer).isTrue();
            found.add(ids.group(1));
            Matcher link = NEXT.matcher(answer);
            next = link.find() ? link.group(1) : null;
            second = page == 0 ? String.valueOf(next) : second;
        }
        assertThat(found).isEqualTo(ids(api.get("/layers?sort=diffID").ok()));
        assertThat(api.get(second.replace("sort=diffID", "sort=size")).message())
                .isEqualTo("invalid cursor: it is not of this query");
    }

    @Test
    void oneLayerShowsItsFilesAndWhatItHides() {
        JsonNode layer =
                api.get("/layers/" + top.substring("sha256:".length(), 40)).ok();
        assertThat(layer.path("DiffID").asString()).isEqualTo(top);
        assertThat(layer.path("LargestFiles").toString()).isEqualTo("[{\"Path\":\"/f\",\"Size\":10}]");
        assertThat(layer.path("Whiteouts").toString()).isEqualTo("[{\"Path\":\"/g\",\"Opaque\":false}]");
        JsonNode files = api.get("/layers/" + data).ok().path("LargestFiles");
        assertThat(files.toString())
                .isEqualTo(
                        "[{\"Path\":\"/g\",\"Size\":2000},{\"Path\":\"/f\",\"Size\":1000},{\"Path\":\"/h\",\"Size\":50}]");
        assertThat(curl("/layers/" + data, "-H", "Accept: text/plain"))
                .contains("2kB       /g", "RUN make data", "writer");
    }

    @Test
    void aStackTellsWhatItWastes() {
        JsonNode steps = api.get("/images/child:1/layers").ok();
        assertThat(steps).hasSize(5);
        JsonNode make = steps.get(2);
        long rootfs = steps.get(0).path("Size").asLong();
        assertThat(steps.get(1).path("EmptyLayer").asBoolean()).isTrue();
        assertThat(steps.get(1).path("CreatedBy").asString()).isEqualTo("#CMD sh");
        assertThat(make.path("DiffID").asString()).isEqualTo(data);
        assertThat(make.path("TotalSize").asLong()).isEqualTo(rootfs + 3050);
        assertThat(make.path("Wasted").asLong()).isEqualTo(3000);
        assertThat(make.path("HiddenBy").toString())
                .isEqualTo("[{\"Layer\":\"" + top + "\",\"Files\":2,\"Size\":3000}]");
        assertThat(make.path("Shared").asInt()).isEqualTo(2);
        JsonNode shrink = steps.get(3);
        assertThat(shrink.path("Hides").toString())
                .isEqualTo("[{\"Layer\":\"" + data + "\",\"Files\":2,\"Size\":3000}]");
        assertThat(shrink.path("SharedWith").get(0).path("ID").asString()).isEqualTo(container);
        assertThat(steps.get(4).path("TotalSize").asLong())
                .isEqualTo(api.get("/images/child:1/json").ok().path("Size").asLong());
    }

    @Test
    void aContainerTellsWhatItWroteAndItsImageThatItWasUsed() {
        assertThat(api.get("/layers/" + top).ok().path("LastUsed").isNull()).isFalse();
        docker.ok("start", "-a", "writer");
        JsonNode steps = api.get("/containers/writer/layers").ok();
        assertThat(steps).hasSize(6);
        JsonNode own = steps.get(5);
        assertThat(own.path("Size").asLong()).isEqualTo(10);
        assertThat(own.path("Position").asInt()).isEqualTo(3);
        assertThat(own.path("EmptyLayer").asBoolean()).isFalse();
        assertThat(own.path("Hides").toString())
                .isEqualTo("[{\"Layer\":\"" + data + "\",\"Files\":1,\"Size\":50},{\"Layer\":\"" + top
                        + "\",\"Files\":1,\"Size\":10}]");
        assertThat(own.path("Written").toString())
                .isEqualTo("{\"CopiedUp\":{\"Files\":1,\"Size\":6},\"Added\":{\"Files\":1,\"Size\":4},"
                        + "\"LargestFiles\":[{\"Path\":\"/f\",\"Size\":6},{\"Path\":\"/n\",\"Size\":4}],"
                        + "\"Whiteouts\":[{\"Path\":\"/h\",\"Opaque\":false}]}");
        Command.Result table = capas("writer");
        assertThat(table.ok().lines().toList().getLast())
                .startsWith("read-write ")
                .contains("10B ")
                .endsWith("copied up 1 (6B), added 1 (4B), hides 1");

        load("used:1", List.of("ADD rootfs", "RUN use"), base, ImageTar.layer("used", "x"));
        String used = Digest.ofContent(ImageTar.layer("used", "x")).toString();
        assertThat(api.get("/layers/" + used).ok().path("LastUsed").isNull()).isTrue();
        docker.ok("run", "--rm", "--network", "none", "used:1", "true");
        JsonNode layer = api.get("/layers/" + used).ok();
        assertThat(layer.path("LastUsed").asString())
                .isGreaterThan(layer.path("Created").asString());
        docker.ok("rmi", "used:1");
    }

    @Test
    void theCommandLinePrintsTables() {
        Command.Result all = capas("--sort", "-size", "--larger", "1kB");
        assertThat(all.ok().lines().toList().getFirst()).startsWith("DIFF ID").endsWith("USERS");
        assertThat(all.out()).contains(data.substring(7, 19) + "   3.05kB").contains("RUN make data");
        Command.Result stack = capas("child:1");
        assertThat(stack.ok()).contains("3.05kB").contains("3kB").contains("parent:1");
        Command.Result none = capas("nothing");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.out()).isEmpty();
        assertThat(none.err()).isEqualTo("capas layers: No such image: nothing:latest\n");
    }

    @ParameterizedTest
    @CsvSource({
        "/layers?sort=weight, 400, invalid sort 'weight'",
        "/layers?larger=-1, 400, it is negative",
        "/layers?larger=10XB, 400, the units are",
        "/layers?larger=99999999999GB, 400, it is too large",
        "/layers?limit=0, 400, invalid limit '0'",
        "/layers?limit=many, 400, invalid limit 'many'",
        "/layers?cursor=x, 400, invalid cursor",
        "/layers?image=nothing, 404, No such image: nothing:latest",
        "/layers?container=nothing, 404, No such container: nothing",
        "/layers?filters=%7B%22shape%22%3A%5B%22x%22%5D%7D, 400, invalid filter 'shape'",
        "/layers/zzz, 404, No such layer: zzz",
        "/layers/%E2%98%83, 404, No such layer: ☃",
        "/images/nothing/layers, 404, No such image: nothing:latest",
        "/containers/nothing/layers, 404, No such container: nothing"
    })
    void whatMakesNoSenseIsToldSo(String target, int status, String message) {
        Api.Answer answer = api.get(target);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.message()).contains(message);
    }
}
