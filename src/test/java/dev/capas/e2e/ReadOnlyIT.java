package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;

/** Listeners for those who may only read: what they are asked, route by route, and what they tell. */
class ReadOnlyIT {
    /** What may be asked there with GET and HEAD, and nothing else; a path that no controller has yet may stand here. */
    private static final Set<String> ALLOWED = Set.of(
            "/_ping",
            "/metrics",
            "/",
            "/ui",
            "/ui/",
            "/ui/{}",
            "/ui/d3/7.9.0/d3.min.js",
            "/system/space",
            "/system/reclaim",
            "/layers",
            "/layers/{}",
            "/images/{}/layers",
            "/images/{}/files",
            "/images/{}/compare",
            "/images/{}/budget",
            "/containers/{}/layers",
            "/containers/{}/files",
            "/version",
            "/info",
            "/events",
            "/system/df",
            "/containers/json",
            "/containers/{}/json",
            "/containers/{}/changes",
            "/containers/{}/stats",
            "/exec/{}/json",
            "/images/json",
            "/images/{}/json",
            "/images/{}/history",
            "/networks",
            "/networks/{}",
            "/volumes",
            "/volumes/{}",
            "/plugins",
            "/plugins/{}/json",
            // with GET these ask for a network or a volume of that name
            "/networks/create",
            "/networks/prune",
            "/volumes/create",
            "/volumes/prune");

    private static final String SECRET = "planted";

    @TempDir
    private static Path directory;

    private static Engine engine;
    private static Path main;
    private static Path all;
    private static Path labelled;
    private static SocketAddress port;
    private static SocketAddress monitor;
    private static String exec;

    @BeforeAll
    static void start() throws Exception {
        all = directory.resolve("all.sock");
        labelled = directory.resolve("labelled.sock");
        int free = FreePort.pair();
        port = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), free);
        monitor = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), free + 1);
        engine = Engine.start(
                "--read-only-host",
                "unix://" + all,
                "--read-only-host",
                "unix://" + labelled + "?label=team%3Dweb&label=plain",
                "--read-only-host",
                "tcp://127.0.0.1:" + free,
                "--metrics-addr",
                "127.0.0.1:" + (free + 1));
        main = engine.docker().socket();
        plant();
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            engine.docker().run("rm", "-f", "seen", "entry");
            engine.docker().run("network", "rm", "seen-net");
        } finally {
            engine.close();
        }
    }

    /** One of everything, with a secret of its own in every place that may have one. */
    private static void plant() throws IOException, InterruptedException {
        Docker docker = engine.docker();
        docker.run(
                        Rootfs.busybox(),
                        "import",
                        "--change",
                        "ENV IMAGE_PASSWORD=planted-image-env",
                        "--change",
                        "CMD [\"sleep\", \"planted-image-cmd\"]",
                        "--change",
                        "HEALTHCHECK CMD echo planted-image-health",
                        "--change",
                        "ONBUILD RUN echo planted-onbuild",
                        "-",
                        "base")
                .ok();
        docker.ok(
                "volume",
                "create",
                "-d",
                "local",
                "--label",
                "team=web",
                "--label",
                "plain",
                "-o",
                "type=tmpfs",
                "-o",
                "device=planted-device",
                "-o",
                "o=size=1m",
                "seen-volume");
        create("/networks/create", """
                {"Name": "seen-net", "Labels": {"team": "web", "plain": ""}, "Options": {"net.secret": "planted-network-option"},
                 "IPAM": {"Options": {"ipam.secret": "planted-ipam-option"}}}""");
        create("/containers/create?name=seen", """
                {"Image": "base", "Env": ["PASSWORD=planted-env"], "Cmd": ["sh", "-c", "sleep 300; : planted-arg"], "StopSignal": "KILL",
                 "Labels": {"team": "web", "plain": "to be seen"},
                 "Healthcheck": {"Test": ["CMD-SHELL", "echo planted-health"], "Interval": 1000000000},
                 "HostConfig": {"NetworkMode": "seen-net", "LogConfig": {"Type": "json-file", "Config": {"tag": "planted-log-option"}},
                  "Annotations": {"note": "planted-annotation"},
                  "Mounts": [{"Type": "volume", "Target": "/v", "VolumeOptions": {"DriverConfig": {"Name": "local",
                   "Options": {"type": "tmpfs", "device": "planted-mount-option"}}}}]},
                 "NetworkingConfig": {"EndpointsConfig": {"seen-net": {"DriverOpts": {"a.b": "planted-endpoint-option"}}}}}""");
        docker.ok("start", "seen");
        exec = create(
                        "/containers/seen/exec",
                        "{\"Cmd\": [\"sh\", \"-c\", \": planted-exec\"], \"Env\": [\"A=planted-exec-env\"]}")
                .path("Id")
                .asString();
        create("/exec/" + exec + "/start", "{\"Detach\": true}");
        docker.ok("commit", "--change", "ENV COMMITTED=planted-commit", "seen", "committed");
        docker.ok(
                "run",
                "--name",
                "entry",
                "--label",
                "team=web",
                "--network",
                "seen-net",
                "--entrypoint",
                "echo",
                "base",
                "planted-only-argument");
        docker.ok("volume", "create", "other-volume");
        docker.ok("commit", "entry", "entry-image");
        awaitHealthy();
    }

    private static JsonNode create(String path, String body) throws IOException {
        RawClient.Answer answer = RawClient.send(main, "POST " + path, "Content-Type: application/json\r\n", body);
        assertThat(answer.status()).as(path + " " + answer.body()).isBetween(200, 299);
        return answer.content().length == 0 ? Json.MAPPER.nullNode() : Json.MAPPER.readTree(answer.content());
    }

    /** Every path that a controller is mapped to or the document of the API has. */
    private static Set<String> paths() throws Exception {
        Set<String> paths =
                new TreeSet<>(List.of("/openapi", "/openapi.yaml", "/docs", "/swagger-ui/index.html", "/none"));
        var scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AnnotationTypeFilter(RestController.class));
        for (BeanDefinition controller : scanner.findCandidateComponents("dev.capas.api")) {
            for (var method : Class.forName(controller.getBeanClassName()).getDeclaredMethods()) {
                RequestMapping mapping = AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class);
                if (mapping != null) {
                    paths.addAll(Arrays.asList(mapping.path()));
                }
            }
        }
        assertThat(paths).contains("/containers/{id}/logs", "/swarm/leave");
        Map<String, Map<String, ?>> document = new Yaml(new SafeConstructor(new LoaderOptions()))
                .load(Files.readString(Path.of("api-spec/openapi.yaml")));
        paths.addAll(document.get("paths").keySet());
        return paths.stream()
                .map(path -> path.replaceAll("\\{[^}]*}", "{}"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A path with what there is in the place of its names. */
    private static String real(String path) {
        String name = path.startsWith("/images/")
                ? "base"
                : path.startsWith("/exec/")
                        ? exec
                        : path.startsWith("/networks/")
                                ? "seen-net"
                                : path.startsWith("/volumes/") ? "seen-volume" : "seen";
        return path.replace("{}", name);
    }

    @Test
    void allowsWhatIsWrittenHereAndNothingElse() throws Exception {
        Set<String> paths = paths();
        Set<String> expected = new TreeSet<>();
        Set<String> allowed = new TreeSet<>();
        for (String path : paths) {
            for (String method : List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")) {
                String line = method + " " + path;
                if (ALLOWED.contains(path) && (method.equals("GET") || method.equals("HEAD"))) {
                    expected.add(line);
                }
                for (String version : List.of("", "/v1.44")) {
                    String target =
                            method + " " + version + real(path) + "?stream=0&one-shot=1&until=1&path=/&stdout=1";
                    RawClient.Answer answer = RawClient.send(all, target, "", "");
                    if (answer.status() != 403) {
                        allowed.add(line);
                    } else if (!method.equals("HEAD")) {
                        assertThat(Json.MAPPER
                                        .readTree(answer.content())
                                        .path("message")
                                        .asString())
                                .startsWith(method + " /")
                                .endsWith(" is refused: this listener is read-only");
                    }
                }
            }
        }
        assertThat(allowed).isEqualTo(expected);
        assertThat(engine.docker().ok("ps", "--format", "{{.Names}}")).isEqualTo("seen");
    }

    @Test
    void takesNoConnectionOver() throws IOException {
        String upgrade = "Connection: Upgrade\r\nUpgrade: tcp\r\n";
        for (String line : List.of(
                "POST /containers/seen/attach?stream=1&stdout=1",
                "GET /containers/seen/attach/ws?stream=1",
                "POST /session",
                "GET /containers/json",
                "GET /_ping")) {
            assertThat(RawClient.send(all, line, upgrade, "").status()).as(line).isEqualTo(403);
        }
        for (String path : List.of(
                "/containers/seen%2Flogs",
                "/containers/seen/json/../logs",
                "/containers/json;/../seen/logs",
                "/containers/json/%2e%2e/seen/logs",
                "//containers/seen/logs",
                "/v1.44/v1.44/containers/json",
                "/containers/seen/logs/",
                "/containers/seen/JSON",
                "/containers/seen/top?ps_args=/json")) {
            assertThat(RawClient.get(all, path + (path.contains("?") ? "" : "?stdout=1"))
                            .status())
                    .as(path)
                    .isNotEqualTo(200);
        }
    }

    /** What every allowed route answers to a socket, with old and new versions of the API. */
    private static Map<String, String> everything(SocketAddress address) throws Exception {
        Map<String, String> answers = new TreeMap<>();
        List<String> targets = new ArrayList<>();
        for (String path : paths()) {
            if (ALLOWED.contains(path)) {
                targets.add(real(path));
            }
        }
        targets.addAll(List.of(
                "/images/committed/json",
                "/images/committed/history",
                "/images/entry-image/json",
                "/images/entry-image/history",
                "/containers/entry/json",
                "/containers/nope/json"));
        for (String target : targets) {
            for (String version : List.of("/v1.24", "/v1.44", "")) {
                String query = "?since=0&until=" + (System.currentTimeMillis() / 1000 + 1)
                        + "&stream=0&one-shot=1&all=1&size=1&verbose=1&shared-size=1&manifests=1&depth=9";
                query = target.equals("/events")
                        ? query.replaceAll("until=\\d+", "until=" + System.currentTimeMillis() / 1000)
                        : query;
                RawClient.Answer answer =
                        RawClient.send(address, "GET " + version + target + query, "Accept: text/plain\r\n", "");
                answers.put(version + target, answer.body());
            }
        }
        return answers;
    }

    private static Set<String> secrets(String text) {
        Matcher secrets = Pattern.compile(SECRET + "[a-z-]*").matcher(text);
        return secrets.results().map(found -> found.group()).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void tellsNoSecret() throws Exception {
        assertThat(secrets(everything(UnixDomainSocketAddress.of(main)).toString()))
                .as("what is to be hidden is there at all")
                .contains(
                        "planted-image-env",
                        "planted-image-cmd",
                        "planted-image-health",
                        "planted-onbuild",
                        "planted-device",
                        "planted-network-option",
                        "planted-ipam-option",
                        "planted-env",
                        "planted-arg",
                        "planted-health",
                        "planted-log-option",
                        "planted-annotation",
                        "planted-mount-option",
                        "planted-endpoint-option",
                        "planted-exec",
                        "planted-commit",
                        "planted-only-argument");
        for (SocketAddress address :
                List.of(UnixDomainSocketAddress.of(all), UnixDomainSocketAddress.of(labelled), port)) {
            everything(address)
                    .forEach((target, answer) ->
                            assertThat(secrets(answer)).as(target).isEmpty());
        }
    }

    private static void awaitHealthy() throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            if (engine.docker()
                    .ok("inspect", "-f", "{{.State.Health.Status}}", "seen")
                    .equals("healthy")) {
                return;
            }
            Thread.sleep(50);
        }
    }

    @Test
    void tellsWhatIsNotSecret() throws IOException {
        JsonNode seen =
                Json.MAPPER.readTree(RawClient.get(all, "/containers/seen/json").body());
        assertThat(seen.path("Config").path("Env").toString())
                .contains("\"PASSWORD=\"")
                .contains("\"IMAGE_PASSWORD=\"");
        assertThat(seen.path("Config").path("Cmd").toString()).isEqualTo("[\"sh\"]");
        assertThat(seen.path("Config").path("Labels").path("plain").asString()).isEqualTo("to be seen");
        assertThat(seen.path("Config").path("Healthcheck").path("Test").toString())
                .isEqualTo("[\"CMD-SHELL\"]");
        assertThat(seen.path("Path").asString()).isEqualTo("sh");
        assertThat(seen.path("Args").toString()).isEqualTo("[]");
        assertThat(seen.path("HostConfig").path("LogConfig").toString())
                .isEqualTo("{\"Type\":\"json-file\",\"Config\":{\"tag\":\"\"}}");
        assertThat(seen.path("NetworkSettings")
                        .path("Networks")
                        .path("seen-net")
                        .path("IPAddress")
                        .asString())
                .isNotEmpty();
        JsonNode entry = Json.MAPPER.readTree(
                RawClient.get(all, "/containers/entry/json").body());
        assertThat(entry.path("Config").path("Entrypoint").toString()).isEqualTo("[\"echo\"]");
        assertThat(entry.path("Config").path("Cmd").toString()).isEqualTo("[]");
        JsonNode volume =
                Json.MAPPER.readTree(RawClient.get(all, "/volumes/seen-volume").body());
        assertThat(volume.path("Options").toString()).isEqualTo("{\"device\":\"\",\"o\":\"\",\"type\":\"\"}");
        assertThat(RawClient.get(all, "/events?since=0&until=" + System.currentTimeMillis() / 1000)
                        .body())
                .contains("\"Action\":\"exec_create: sh\"")
                .contains("\"plain\":\"to be seen\"");
        assertThat(RawClient.get(all, "/containers/nope/json").body())
                .isEqualTo("{\"message\":\"No such container: nope\"}\n");
        assertThat(RawClient.get(all, "/v1.12/info").body()).startsWith("client version 1.12 is too old.");
    }

    @Test
    void refusesWebPages() throws IOException {
        assertThat(RawClient.send(port, "GET /containers/json", "Host: evil.example\r\n", "")
                        .status())
                .isEqualTo(403);
        assertThat(RawClient.send(
                                port, "GET /containers/json", "Host: localhost\r\nOrigin: http://evil.example\r\n", "")
                        .status())
                .isEqualTo(403);
        assertThat(RawClient.send(port, "GET /containers/json", "Host: localhost\r\n", "")
                        .status())
                .isEqualTo(200);
    }

    /** What the CLI shows is the same, to the byte, but for what is hidden. */
    @Test
    void servesTheCli() throws Exception {
        Docker reader = new Docker(all);
        for (List<String> command : List.of(
                List.of(
                        "ps",
                        "-as",
                        "--format",
                        "{{.Names}} {{.Image}} {{.State}} {{.Size}} {{.Labels}} {{.Networks}}"),
                List.of("images", "--digests", "--format", "{{.Repository}}:{{.Tag}} {{.ID}} {{.Size}}"),
                List.of("network", "ls"),
                List.of("volume", "ls"),
                List.of("system", "df"),
                List.of(
                        "inspect",
                        "-f",
                        "{{.State.Running}} {{.Config.Labels}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
                        "seen"),
                List.of("image", "inspect", "-f", "{{.RootFS.Layers}} {{.Size}}", "base"),
                List.of("diff", "seen"),
                List.of("version", "-f", "{{.Server.Version}}"))) {
            String[] words = command.toArray(String[]::new);
            assertThat(reader.ok(words))
                    .as(String.join(" ", words))
                    .isNotEmpty()
                    .isEqualTo(engine.docker().ok(words));
        }
        assertThat(reader.run("rm", "-f", "seen").err()).contains("is refused: this listener is read-only");
        assertThat(reader.run("logs", "seen").err()).contains("is refused: this listener is read-only");
        Process events = reader.start("events", "--filter", "container=late", "--format", "{{.Action}}");
        try (var lines = events.inputReader()) {
            for (int i = 0;
                    i < 100 && !reader.ok("info", "-f", "{{.NEventsListener}}").equals("1");
                    i++) {
                Thread.sleep(20);
            }
            engine.docker().ok("create", "--name", "late", "base");
            assertThat(lines.readLine()).isEqualTo("create");
        } finally {
            events.destroyForcibly().waitFor();
        }
    }

    /** Where only what has both labels exists, nothing tells of anything else, by name or by number. */
    @Test
    void showsWhatHasTheLabels() throws Exception {
        Docker reader = new Docker(labelled);
        assertThat(reader.ok("ps", "-a", "--format", "{{.Names}}")).isEqualTo("seen");
        assertThat(reader.ok("images", "-a", "--format", "{{.Repository}}")).isEqualTo("committed");
        assertThat(reader.ok("network", "ls", "--format", "{{.Name}}")).isEqualTo("seen-net");
        assertThat(reader.ok("volume", "ls", "-q")).isEqualTo("seen-volume");
        assertThat(reader.ok("info", "-f", "{{.Containers}} {{.ContainersRunning}} {{.Images}}"))
                .isEqualTo("1 1 1");
        Map<String, String> ids = new TreeMap<>();
        for (String hidden : List.of("entry", "base", "entry-image", "other-volume", "bridge")) {
            JsonNode found =
                    Json.MAPPER.readTree(engine.docker().ok("inspect", hidden)).get(0);
            ids.put(hidden, found.path("Id").asString(hidden));
            for (String kind : List.of(
                    "/containers/%s/json",
                    "/images/%s/json", "/images/%s/history", "/networks/%s", "/volumes/%s", "/containers/%s/changes")) {
                String target = kind.formatted(hidden);
                assertThat(RawClient.get(labelled, target).status()).as(target).isEqualTo(404);
            }
        }
        everything(UnixDomainSocketAddress.of(labelled)).forEach((target, answer) -> {
            assertThat(answer).as(target).doesNotContain(ids.get("entry"), ids.get("entry-image"), "other-volume");
        });
        JsonNode usage =
                Json.MAPPER.readTree(RawClient.get(labelled, "/system/df").body());
        assertThat(usage.path("LayersSize").asLong())
                .isEqualTo(usage.path("Images").get(0).path("Size").asLong());
        assertThat(usage.path("Images").get(0).path("SharedSize").asLong()).isZero();
        assertThat(usage.path("Images").get(0).path("Containers").asLong()).isZero();
        String otherExec = create("/containers/seen/exec", "{\"Cmd\": [\"true\"]}")
                .path("Id")
                .asString();
        assertThat(RawClient.get(labelled, "/exec/" + otherExec + "/json").status())
                .isEqualTo(200);
    }

    private static Map<String, Double> metrics(String target) throws IOException {
        RawClient.Answer answer = RawClient.get(main, target);
        assertThat(answer.headers().get("content-type"))
                .startsWith("text/plain")
                .contains("version=0.0.4");
        return PrometheusText.parse(answer.body());
    }

    @Test
    void tellsAMonitorFigures() throws IOException {
        JsonNode usage = Json.MAPPER.readTree(RawClient.get(main, "/system/df").body());
        JsonNode older =
                Json.MAPPER.readTree(RawClient.get(main, "/v1.44/system/df").body());
        assertThat(older.path("Images").findValuesAsString("Containers"))
                .isEqualTo(usage.path("Images").findValuesAsString("Containers"))
                .isNotEmpty()
                .doesNotContain("-1");
        Map<String, Double> before = metrics("/metrics");
        assertThat(before)
                .containsEntry("capas_layers_bytes", usage.path("LayersSize").asDouble())
                .containsEntry("capas_images", (double) usage.path("Images").size())
                .containsEntry("capas_containers{state=\"running\"}", 1.0)
                .containsEntry("capas_containers{state=\"dead\"}", 0.0)
                .containsEntry("capas_pulls_total{result=\"success\"}", 0.0)
                .containsKeys(
                        "capas_layers",
                        "capas_layers_allocated_bytes",
                        "capas_layers_shared_bytes",
                        "capas_layers_reclaimable_bytes",
                        "capas_logs_bytes",
                        "capas_volumes_bytes",
                        "capas_data_root_free_bytes");
        assertThat(before.get("capas_layers_shared_bytes")).isPositive();
        assertThat(before.get("capas_logs_bytes")).isPositive();
        assertThat(before.keySet()).noneMatch(key -> key.contains("seen"));
        engine.docker().run("pull", "127.0.0.1:1/nothing");
        Map<String, Double> after = metrics("/metrics?containers=1");
        assertThat(after).containsEntry("capas_pulls_total{result=\"failure\"}", 1.0);
        assertThat(after.get("capas_request_duration_seconds_count{method=\"POST\"}"))
                .isEqualTo(before.get("capas_request_duration_seconds_count{method=\"POST\"}") + 1);
        assertThat(after.keySet())
                .anyMatch(key -> key.matches("capas_container_size_rw_bytes\\{id=\"[0-9a-f]{64}\",name=\"seen\"}"));
        assertThat(RawClient.send(monitor, "GET /metrics", "", "").body()).contains("capas_layers ");
        assertThat(RawClient.send(monitor, "GET /containers/json", "", "").status())
                .isEqualTo(403);
        assertThat(RawClient.get(labelled, "/metrics").status()).isEqualTo(403);
    }
}
