package dev.capas.container.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.container.ContainerConfig;
import dev.capas.container.HostConfig;
import dev.capas.container.Recording;
import dev.capas.errdefs.EngineException;
import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What dockerd hands to its runtime, we hand to ours. */
class SpecFactoryTest {
    /** Volumes are not there yet; block devices, and what standard input is, differ from machine to machine. */
    private static final Set<String> LEFT_OUT =
            Set.of("volume", "binds-named", "volume-ro", "blkio", "blkio-throttle", "device-symlink");

    private static final String ID = "0123456789abcdef".repeat(4);
    private static final String OTHER = "fedcba9876543210".repeat(4);
    private static final String HOST_SHARING = "0011223344556677".repeat(4);

    @TempDir
    Path directory;

    private Path root;

    static List<Recording> started() {
        return Recording.all().stream()
                .filter(one -> one.spec() != null && !LEFT_OUT.contains(one.name()))
                .toList();
    }

    /** Refused by dockerd itself, for reasons that this package knows. */
    static List<Recording> refusedAtStart() {
        Set<String> joins = Set.of(
                "net-container-missing",
                "net-container-stopped",
                "pid-container-stopped",
                "ipc-container-private",
                "ipc-container-stopped",
                "links",
                "sysctl-eth",
                "dns-bad",
                "seccomp-bad");
        return Recording.all().stream()
                .filter(one -> one.startRefused() != null && !joins.contains(one.name()))
                .filter(one -> !message(one).contains("unable to start container process")
                        && !message(one).contains("device access at")
                        && !message(one).contains("is mounted on"))
                .toList();
    }

    static List<Recording> refusedAtCreation() {
        return Recording.all().stream()
                .filter(one -> one.createRefused() != null)
                .filter(one ->
                        one.name().matches("(cap|bind-|mount-|tmpfs-|nnp-|secopt-|systempaths|cgroup-writable).*"))
                .toList();
    }

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectories(directory.resolve("merged"));
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(
                root.resolve("etc/passwd"),
                "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\nnogroup:x:65534:\n");
    }

    @ParameterizedTest
    @MethodSource("started")
    void makesWhatDockerdMakes(Recording recording) throws IOException {
        JsonNode made = Json.MAPPER.readTree(
                anonymous(Json.MAPPER.writeValueAsString(new SpecFactory().create(request(recording)))));
        assertThat(pretty(comparable(made, recording))).isEqualTo(pretty(comparable(recording.spec(), recording)));
    }

    @ParameterizedTest
    @MethodSource("refusedAtStart")
    void refusesWhatDockerdRefuses(Recording recording) {
        assertThatThrownBy(() -> new SpecFactory().create(request(recording)))
                .isInstanceOf(EngineException.class)
                .hasMessage(message(recording))
                .extracting(thrown -> ((EngineException) thrown).kind())
                .isEqualTo(EngineException.Kind.SYSTEM);
    }

    @ParameterizedTest
    @MethodSource("refusedAtCreation")
    void refusesAtCreationWhatDockerdRefuses(Recording recording) {
        HostConfig config = Json.MAPPER.treeToValue(recording.create().get("HostConfig"), HostConfig.class);
        assertThatThrownBy(() -> {
                    Capabilities.of(config.capAdd(), config.capDrop(), config.privileged());
                    SecurityOptions.of(config.securityOpt());
                    MountPoints.of(config);
                })
                .isInstanceOf(EngineException.class)
                .hasMessage(recording.createRefused().get(1).asString())
                .extracting(thrown -> ((EngineException) thrown).kind())
                .isEqualTo(
                        recording.createRefused().get(0).asInt() == 400
                                ? EngineException.Kind.INVALID_PARAMETER
                                : EngineException.Kind.SYSTEM);
    }

    private static String message(Recording recording) {
        return recording.startRefused().get(1).asString();
    }

    private SpecRequest request(Recording recording) {
        JsonNode inspect = Json.MAPPER.readTree(recording.inspect().toString().replace("@SHORT@", ID.substring(0, 12)));
        HostConfig hostConfig = Json.MAPPER.treeToValue(inspect.get("HostConfig"), HostConfig.class);
        Neighbour other = new Neighbour(77, Path.of("/containers", OTHER), OTHER.substring(0, 12));
        Neighbour sharing = new Neighbour(77, Path.of("/containers", HOST_SHARING), "vm");
        boolean hosts = recording.name().contains("hostns");
        return new SpecRequest(
                ID,
                Json.MAPPER.treeToValue(inspect.get("Config"), ContainerConfig.class),
                hostConfig,
                MountPoints.of(hostConfig),
                root,
                directory,
                new Joined(
                        joins(hostConfig.networkMode()) ? (hosts ? sharing : other) : null,
                        joins(hostConfig.pidMode()) ? other : null,
                        joins(hostConfig.ipcMode()) ? other : null),
                Connectivity.NONE);
    }

    private static boolean joins(String mode) {
        return mode.startsWith("container:");
    }

    private String anonymous(String spec) {
        return spec.replace(root.toString(), "@ROOT@")
                .replace(directory.toString() + "/shm", "@DIR@/mounts/shm")
                .replace(directory.toString(), "@DIR@")
                .replace("/containers/" + OTHER + "/shm", "@OTHERDIR@/mounts/shm")
                .replace("/containers/" + OTHER, "@OTHERDIR@")
                .replace("/containers/" + HOST_SHARING, "@HOSTNSDIR@")
                .replace("/proc/77/", "/proc/@PID@/")
                .replace(ID, "@ID@")
                .replace(ID.substring(0, 12), "@SHORT@")
                .replace(OTHER.substring(0, 12), "@OTHERSHORT@")
                .replace("/usr/bin/tini-static", "/usr/bin/docker-init");
    }

    /** Without what the order, the machine, or the version of the default profile decides. */
    private static JsonNode comparable(JsonNode spec, Recording recording) {
        ObjectNode copy = (ObjectNode) spec.deepCopy();
        copy.remove("ociVersion");
        sort(copy, "mounts", "destination");
        ObjectNode linux = (ObjectNode) copy.get("linux");
        sort(linux, "namespaces", "type");
        boolean asked = recording.spec().get("linux").path("seccomp").isObject();
        if (linux.has("seccomp") && !asked) {
            linux.put("seccomp", "some");
        }
        if (recording.create().path("HostConfig").path("Privileged").asBoolean()) {
            linux.remove("devices");
        }
        ObjectNode resources = (ObjectNode) linux.get("resources");
        if (resources.path("blockIO").isEmpty()) {
            resources.remove("blockIO");
        }
        distinct(resources, "devices");
        distinct((ObjectNode) copy.get("process").get("user"), "additionalGids");
        ObjectNode capabilities = (ObjectNode) copy.get("process").get("capabilities");
        for (String set : List.of("bounding", "effective", "permitted")) {
            distinct(capabilities, set);
            ((ArrayNode) capabilities.get(set)).removeIf(name -> name.asString().equals("CAP_SYS_RESOURCE"));
        }
        return copy;
    }

    private static void sort(ObjectNode object, String field, String by) {
        List<JsonNode> sorted = StreamSupport.stream(object.get(field).spliterator(), false)
                .sorted(Comparator.comparing(one -> one.get(by).asString()))
                .toList();
        object.putArray(field).addAll(sorted);
    }

    private static void distinct(ObjectNode object, String field) {
        Set<JsonNode> distinct = new LinkedHashSet<>();
        object.get(field).forEach(distinct::add);
        object.putArray(field).addAll(distinct);
    }

    private static String pretty(JsonNode node) {
        return sorted(node).toPrettyString();
    }

    private static JsonNode sorted(JsonNode node) {
        if (node instanceof ObjectNode object) {
            TreeMap<String, JsonNode> fields = object.properties().stream()
                    .collect(Collectors.toMap(
                            java.util.Map.Entry::getKey, one -> sorted(one.getValue()), (a, b) -> a, TreeMap::new));
            ObjectNode result = Json.MAPPER.createObjectNode();
            fields.forEach(result::set);
            return result;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode result = Json.MAPPER.createArrayNode();
            array.forEach(one -> result.add(sorted(one)));
            return result;
        }
        return node;
    }
}
