package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.BlobDigest;
import dev.capas.oci.Digest;
import dev.capas.oci.MediaType;
import dev.capas.registry.FaultyRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Whatever is done in whatever order: the sizes that the API tells are those that {@code find} sees. {@code -Dcapas.operations=2000}
 * does so many, {@code -Dcapas.seed=…} the same ones again.
 */
class RandomOperationsIT {
    private static final int OPERATIONS = Integer.getInteger("capas.operations", 0);
    private static final Duration TIME = Duration.ofSeconds(12);
    private static final long SEED = Long.getLong("capas.seed", System.nanoTime());
    private static final int CHECKED_EVERY = 25;
    private static final int MOST_CONTAINERS = 12;

    private static final Pattern LAYER = Pattern.compile("/sha256/([0-9a-f]{64})/diff");

    private enum Operation {
        PULL,
        LOAD,
        COMMIT,
        RUN,
        WRITE,
        COPY,
        TAG,
        DELETE,
        FORCE_DELETE,
        PRUNE,
        RECLAIM
    }

    private final Random random = new Random(SEED);
    private final Map<Operation, Integer> did = new EnumMap<>(Operation.class);
    private final List<byte[]> layers = new ArrayList<>();
    private Api api;
    private FaultyRegistry registry;
    private Engine engine;
    private int number;

    @Test
    void sizesAddUpWhateverIsDone() throws Exception {
        System.out.println("random operations, seed " + SEED);
        try (Engine started = Engine.start();
                FaultyRegistry images = new FaultyRegistry()) {
            engine = started;
            registry = images;
            api = new Api(started.docker().socket());
            layers.add(Rootfs.busybox());
            for (int i = 1; i < 12; i++) {
                layers.add(layer(i));
            }
            load(List.of(layers.getFirst()), "shell:1");
            long end = System.nanoTime() + TIME.toNanos();
            int done = 0;
            while (OPERATIONS > 0
                    ? done < OPERATIONS
                    : System.nanoTime() < end || did.size() < Operation.values().length) {
                Operation next = Operation.values()[random.nextInt(Operation.values().length)];
                if (perform(next)) {
                    did.merge(next, 1, Integer::sum);
                    done++;
                    if (done % CHECKED_EVERY == 0) {
                        check(done + ": " + next);
                        System.out.print(done % 250 == 0 ? done + " operations\n" : "");
                    }
                }
            }
            check("at the end");
            System.out.println("did " + done + ": " + did);
            assertThat(did.keySet()).containsExactly(Operation.values());
        }
    }

    /** A layer that says little, with what sizes stumble over: links, whiteouts, nothing at all. */
    private byte[] layer(int number) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (int i = 0; i < number % 4; i++) {
            files.put("dir" + i + "/file" + random.nextInt(5), Rootfs.filler(random.nextInt(3000)));
        }
        String hidden = "dir1/file" + random.nextInt(5);
        if (number % 3 == 0 && !files.containsKey(hidden)) {
            files.put(hidden.replace("file", ".wh.file"), new byte[0]);
        }
        return ImageTar.tar(files);
    }

    /** Whether it could be done at all: without a container nothing can be written. */
    private boolean perform(Operation operation) throws IOException {
        return switch (operation) {
            case PULL -> pull();
            case LOAD -> load(stack(), name());
            case COMMIT ->
                onContainer(id -> api.post("/commit?container=" + id
                        + (random.nextBoolean() ? "&repo=" + name().replace(":", "&tag=") : "")));
            case RUN -> run();
            case WRITE -> onContainer(this::start);
            case COPY ->
                onContainer(id -> api.put(
                        "/containers/" + id + "/archive?path=/tmp",
                        ImageTar.tar(Map.of("copied" + random.nextInt(3), Rootfs.filler(random.nextInt(5000))))));
            case TAG -> onImage(id -> api.post("/images/" + id + "/tag?repo=" + name().replace(":", "&tag=")));
            case DELETE -> delete("");
            case FORCE_DELETE -> delete("force=1");
            case PRUNE -> prune();
            case RECLAIM -> reclaim();
        };
    }

    private interface Request {
        Api.Answer send(String id);
    }

    private boolean onContainer(Request request) {
        return on(ids("/containers/json?all=1", "Id"), request);
    }

    private boolean onImage(Request request) {
        return on(ids("/images/json?all=1", "Id"), request);
    }

    private boolean on(List<String> ids, Request request) {
        return !ids.isEmpty() && isDone(request.send(ids.get(random.nextInt(ids.size()))));
    }

    /** A refusal is an answer, a failure is none. */
    private static boolean isDone(Api.Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isLessThan(500);
        assertThat(answer.body().has("error")).as(answer.toString()).isFalse();
        return answer.status() < 400;
    }

    private List<String> ids(String list, String field) {
        return StreamSupport.stream(api.get(list).ok().spliterator(), false)
                .map(node -> node.path(field).asString())
                .toList();
    }

    private String name() {
        return "name" + random.nextInt(4) + ":" + random.nextInt(3);
    }

    private List<byte[]> stack() {
        List<byte[]> stack = new ArrayList<>();
        stack.add(layers.getFirst());
        for (int i = random.nextInt(4); i > 0; i--) {
            stack.add(layers.get(1 + random.nextInt(layers.size() - 1)));
        }
        return stack;
    }

    private boolean load(List<byte[]> stack, String name) {
        return isDone(
                api.post("/images/load?quiet=1", ImageTar.tar(ImageTar.files(name, stack.toArray(byte[][]::new)))));
    }

    private boolean pull() {
        List<byte[]> stack = stack();
        byte[] config = ImageTar.config(stack.stream().map(Digest::ofContent).toList());
        String repository = "random/" + random.nextInt(3);
        String blobs = stack.stream()
                .map(layer -> descriptor(MediaType.OCI_LAYER, registry.blob(repository, layer), layer))
                .collect(Collectors.joining(","));
        String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"config\":"
                + descriptor(MediaType.OCI_CONFIG, registry.blob(repository, config), config) + ",\"layers\":["
                + blobs + "]}";
        registry.manifest(repository, "1", MediaType.OCI_MANIFEST, manifest.getBytes(StandardCharsets.UTF_8));
        return isDone(api.post("/images/create?tag=1&fromImage=" + Api.encode(registry.host() + "/" + repository)));
    }

    private static String descriptor(String type, BlobDigest digest, byte[] bytes) {
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + bytes.length + "}";
    }

    /** A container that writes something each time it is started. */
    private boolean run() {
        if (ids("/containers/json?all=1", "Id").size() >= MOST_CONTAINERS) {
            return false;
        }
        List<String> images = ids("/images/json?all=1", "Id");
        if (images.isEmpty()) {
            return false;
        }
        String script = "d=/tmp/$(cat /proc/sys/kernel/random/uuid); mkdir $d; echo " + "x".repeat(random.nextInt(500))
                + " >$d/f; ln $d/f $d/g; ln -s nowhere/at/all $d/l; echo more >>/etc/passwd; rm -rf /dir0; mkfifo $d/p; echo data >>/data/x";
        String volumes = switch (random.nextInt(3)) {
            case 0 -> "\"Volumes\":{\"/data\":{}},";
            case 1 -> "\"HostConfig\":{\"Binds\":[\"named" + random.nextInt(2) + ":/data\"]},";
            default -> "";
        };
        Api.Answer created = api.post(
                "/containers/create?name=c" + number++,
                "{" + volumes + "\"NetworkDisabled\":true,\"Image\":\"" + images.get(random.nextInt(images.size()))
                        + "\",\"Cmd\":[\"sh\",\"-c\",\"" + script + "\"]}");
        return isDone(created) && isDone(start(created.body().path("Id").asString()));
    }

    private Api.Answer start(String id) {
        Api.Answer started = api.post("/containers/" + id + "/start");
        return started.status() >= 400 ? started : api.post("/containers/" + id + "/wait");
    }

    private boolean delete(String force) {
        return switch (random.nextInt(4)) {
            case 0 ->
                onContainer(id -> api.delete("/containers/" + id + "?" + force + (random.nextBoolean() ? "&v=1" : "")));
            case 1 -> onImage(id -> api.delete("/images/" + id + "?" + force));
            case 2 ->
                on(
                        StreamSupport.stream(
                                        api.get("/volumes").ok().path("Volumes").spliterator(), false)
                                .map(volume -> volume.path("Name").asString())
                                .toList(),
                        name -> api.delete("/volumes/" + name + "?" + force));
            default -> on(names(), name -> api.delete("/images/" + name + "?" + force));
        };
    }

    private List<String> names() {
        return StreamSupport.stream(api.get("/images/json").ok().spliterator(), false)
                .flatMap(image -> StreamSupport.stream(image.path("RepoTags").spliterator(), false))
                .map(JsonNode::asString)
                .filter(name -> !name.contains("<none>"))
                .toList();
    }

    private boolean prune() {
        return switch (random.nextInt(8)) {
            case 0 -> isDone(api.post("/containers/prune"));
            case 1 -> isDone(api.post("/images/prune?filters=" + Api.encode("{\"dangling\":[\"false\"]}")));
            case 2, 3, 4 -> isDone(api.post("/images/prune"));
            default -> isDone(api.post("/volumes/prune?filters=" + Api.encode("{\"all\":[\"1\"]}")));
        };
    }

    /** By a plan, which must free what it promised. */
    private boolean reclaim() {
        List<String> images = names();
        List<String> containers = ids("/containers/json?all=1", "Id");
        String query = switch (random.nextInt(8)) {
            case 0 -> "";
            case 1, 2, 3 -> "free=" + random.nextInt(10_000);
            default ->
                (images.isEmpty() ? "" : "image=" + images.get(random.nextInt(images.size())))
                        + (containers.isEmpty()
                                ? ""
                                : "&container=" + containers.get(random.nextInt(containers.size())))
                        + (images.isEmpty() ? "" : "&image=" + images.get(random.nextInt(images.size())));
        };
        settle();
        long before = StoreWalk.of(engine.dataRoot()).size();
        JsonNode plan = api.get("/system/reclaim?" + query).ok();
        Api.Answer done = api.post("/system/reclaim/" + plan.path("Plan").asString());
        assertThat(done.status()).as(query + " " + plan + " " + done).isEqualTo(200);
        assertThat(before - StoreWalk.of(engine.dataRoot()).size())
                .as(query + " " + plan)
                .isEqualTo(plan.path("Reclaimable").asLong())
                .isEqualTo(done.body().path("SpaceReclaimed").asLong());
        return !plan.path("Items").isEmpty();
    }

    /** Waits until the layers of containers that went are collected. */
    private StoreWalk settle() {
        StoreWalk walk = StoreWalk.of(engine.dataRoot());
        for (int wait = 0; wait < 100 && !walk.layers().keySet().equals(held()); wait++) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            walk = StoreWalk.of(engine.dataRoot());
        }
        assertThat(walk.layers().keySet()).isEqualTo(held());
        return walk;
    }

    /** The layers that images list and containers stand on. */
    private Set<String> held() {
        Set<String> held = new HashSet<>();
        stacks().values().forEach(held::addAll);
        for (String id : ids("/containers/json?all=1", "Id")) {
            String below = api.get("/containers/" + id + "/json")
                    .ok()
                    .at("/GraphDriver/Data/LowerDir")
                    .asString();
            LAYER.matcher(below).results().forEach(layer -> held.add(layer.group(1)));
        }
        return held;
    }

    private Map<String, List<String>> stacks() {
        Map<String, List<String>> stacks = new HashMap<>();
        for (String id : ids("/images/json?all=1", "Id")) {
            JsonNode ids =
                    api.get("/images/" + id + "/json").ok().path("RootFS").path("Layers");
            stacks.put(
                    id,
                    StreamSupport.stream(ids.spliterator(), false)
                            .map(layer -> layer.asString().replace("sha256:", ""))
                            .toList());
        }
        return stacks;
    }

    private void check(String when) {
        StoreWalk walk = settle();
        Map<String, List<String>> stacks = stacks();
        Map<String, Long> users = stacks.values().stream()
                .flatMap(stack -> stack.stream().distinct())
                .collect(Collectors.groupingBy(layer -> layer, Collectors.counting()));
        JsonNode usage = api.get("/system/df").ok();
        assertThat(usage.path("LayersSize").asLong())
                .as(when)
                .isEqualTo(users.keySet().stream().mapToLong(walk.layers()::get).sum());
        for (JsonNode image : api.get("/images/json?all=1&shared-size=1").ok()) {
            List<String> stack = stacks.get(image.path("Id").asString());
            long shared = notNegative(image, "SharedSize");
            long unique = 0;
            long repeated = stack.stream().mapToLong(walk.layers()::get).sum();
            for (String layer : new HashSet<>(stack)) {
                repeated -= walk.layers().get(layer);
                unique += users.get(layer) == 1 ? walk.layers().get(layer) : 0;
            }
            assertThat(unique + shared + repeated).as(when + image).isEqualTo(notNegative(image, "Size"));
        }
        for (JsonNode container : api.get("/containers/json?all=1&size=1").ok()) {
            long written = container.path("SizeRw").asLong(0);
            assertThat(written)
                    .as(when + container)
                    .isEqualTo(walk.containers().get(container.path("Id").asString()));
            assertThat(container.path("SizeRootFs").asLong(0)).isGreaterThanOrEqualTo(written);
        }
    }

    private static long notNegative(JsonNode node, String field) {
        long size = node.path(field).asLong();
        assertThat(size).as(field + " of " + node).isNotNegative();
        return size;
    }
}
