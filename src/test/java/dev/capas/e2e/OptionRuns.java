package dev.capas.e2e;

import dev.capas.oci.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs containers that a table describes, and tells what became of them in the table's words. There is an image {@code options-img},
 * a directory with mounts of all kinds in it, and three containers to join: {@code options-neighbour} runs and shares all it has,
 * {@code options-private} runs and does not share its IPC namespace, {@code options-stopped} does not run.
 */
final class OptionRuns implements AutoCloseable {
    /** Of a frame of a stream without terminal; its length, decoded as text, has four characters as it has four bytes. */
    private static final String FRAME_HEADER = "(?s)[\u0001\u0002]\u0000{3}.{4}";

    private static final String MOUNTS = """
            cd "$0"; mkdir -p tree/nested shared restricted empty
            echo "host file" >file; echo a >tree/a; ln -s tree link
            mount -t tmpfs tmpfs tree/nested; echo inner >tree/nested/inner
            mount --bind shared shared; mount --make-shared shared
            mount -t tmpfs -o nosuid,nodev,noexec tmpfs restricted; echo r >restricted/r
            """;

    private final Docker docker;
    private final Path directory;
    private final Map<String, String> places = new LinkedHashMap<>();
    private final Map<String, String> names = new LinkedHashMap<>();

    OptionRuns(Docker docker) throws IOException {
        this.docker = docker;
        this.directory = Files.createTempDirectory("options");
        Command.run("sh", "-euc", MOUNTS, directory.toString()).ok();
        docker.run(Rootfs.withAccounts(), "import", "--change", "CMD [\"sh\"]", "-", "options-img")
                .ok();
        String neighbour = create("neighbour", """
                {"Image":"options-img","Hostname":"neighbour","Volumes":{"/shared":{}},
                 "Cmd":["sh","-c","echo said >/shared/said; echo said >/dev/shm/said; exec sleep 1000"],
                 "HostConfig":{"NetworkMode":"none","IpcMode":"shareable","ExtraHosts":["neighbour-extra:1.1.1.1"]}}""");
        String asleep = """
                {"Image":"options-img","Cmd":["sleep","1000"],"HostConfig":{"NetworkMode":"none","IpcMode":"%s"}}""";
        String stopped = create("stopped", asleep.formatted("shareable"));
        String shy = create("private", asleep.formatted("private"));
        docker.ok("start", neighbour, shy);
        places.put("@DIR@", directory.toString());
        places.put("@NEIGHBOUR@", neighbour);
        places.put("@HOSTNS@", namespaces("self"));
        places.put("@NEIGHBOURNS@", namespaces(docker.ok("inspect", "-f", "{{.State.Pid}}", neighbour)));
        places.put("@HOSTNAME@", InetAddress.getLocalHost().getHostName());
        places.put("@HOSTPID@", Long.toString(ProcessHandle.current().pid()));
        names.put("@NEIGHBOUR@", neighbour);
        names.put("@PRIVATE@", shy);
        names.put("@STOPPED@", stopped);
        names.put("@DIR@", directory.toString());
        names.put("@CAPS@", capabilities());
    }

    private String create(String name, String body) throws IOException {
        JsonNode created = call("POST", "/containers/create?name=options-" + name, body);
        return created.path("Id").asString();
    }

    /** What the container of this case does, as JSON with the fields that the table has for dockerd. */
    ObjectNode run(JsonNode option) throws IOException {
        ObjectNode became = Json.MAPPER.createObjectNode();
        String id = "none";
        RawClient.Answer created = send("POST", "/containers/create", request(option));
        became.put("create", created.status());
        JsonNode answer = Json.MAPPER.readTree(created.body());
        if (created.status() != 201) {
            became.set("message", answer.get("message"));
        } else {
            id = answer.path("Id").asString();
            if (!answer.path("Warnings").isEmpty()) {
                became.set("warnings", answer.get("Warnings"));
            }
            try {
                start(id, option.path("config").path("Tty").asBoolean(), became);
            } finally {
                call("DELETE", "/containers/" + id + "?force=1&v=1", "");
            }
        }
        String text =
                became.toString().replace(id, "@ID@").replace(id.substring(0, Math.min(12, id.length())), "@SHORT@");
        for (Map.Entry<String, String> name : names.entrySet()) {
            text = text.replace(name.getValue(), name.getKey());
        }
        return (ObjectNode) Json.MAPPER.readTree(text);
    }

    private void start(String id, boolean terminal, ObjectNode became) throws IOException {
        RawClient.Answer started = send("POST", "/containers/" + id + "/start", "");
        became.put("start", started.status());
        String error = "";
        int code;
        if (started.status() == 204) {
            code = call("POST", "/containers/" + id + "/wait", "")
                    .path("StatusCode")
                    .asInt(-1);
            became.put("exit", code);
            RawClient.Answer logs = send("GET", "/containers/" + id + "/logs?stdout=1&stderr=1", "");
            if (logs.status() == 200) {
                became.put("output", terminal ? logs.body() : logs.body().replaceAll(FRAME_HEADER, ""));
            }
        } else {
            error = Json.MAPPER.readTree(started.body()).path("message").asString();
            became.put("message", error);
            code = call("GET", "/containers/" + id + "/json", "")
                    .path("State")
                    .path("ExitCode")
                    .asInt(-1);
            became.put("code", code);
        }
        JsonNode state = call("GET", "/containers/" + id + "/json", "").get("State");
        if (state.path("OOMKilled").asBoolean()) {
            became.put("oomKilled", true);
        }
        boolean ran = started.status() == 204;
        if (!state.path("Status").asString().equals(ran ? "exited" : "created")
                || state.path("ExitCode").asInt() != code
                || !state.path("Error").asString().equals(error)
                || ran == state.path("StartedAt").asString().startsWith("0001")
                || ran == state.path("FinishedAt").asString().startsWith("0001")) {
            became.set("contradictory", state);
        }
    }

    private String request(JsonNode option) {
        ObjectNode body = option.path("config").isObject()
                ? (ObjectNode) option.get("config").deepCopy()
                : Json.MAPPER.createObjectNode();
        body.put("Image", "options-img");
        if (option.has("sh")) {
            body.putArray("Cmd")
                    .add("sh")
                    .add("-c")
                    .add("exec 2>&1\n" + option.get("sh").asString());
        }
        ObjectNode host = body.putObject("HostConfig").put("NetworkMode", "none");
        option.path("host").properties().forEach(field -> host.set(field.getKey(), field.getValue()));
        String text = body.toString();
        for (Map.Entry<String, String> place : places.entrySet()) {
            text = text.replace(place.getKey(), place.getValue());
        }
        return text;
    }

    private JsonNode call(String method, String path, String body) throws IOException {
        RawClient.Answer answer = send(method, path, body);
        if (answer.status() >= 400) {
            throw new AssertionError(path + ": " + answer.body());
        }
        return answer.body().isEmpty() ? Json.MAPPER.nullNode() : Json.MAPPER.readTree(answer.body());
    }

    private RawClient.Answer send(String method, String path, String body) throws IOException {
        return RawClient.send(docker.socket(), method + " /v1.51" + path, "Content-Type: application/json\r\n", body);
    }

    private static String namespaces(String pid) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String name : List.of("pid", "ipc", "uts", "net", "cgroup")) {
            all.append(Files.readSymbolicLink(Path.of("/proc", pid, "ns", name)))
                    .append(' ');
        }
        return all.toString().strip();
    }

    /** All that the engine can give, which inherits them from this process. */
    private static String capabilities() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapBnd:"))
                .map(line -> line.split("\t")[1])
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() throws IOException {
        Mounts.unmountBelow(directory);
        Command.run("rm", "-rf", directory.toString());
    }
}
