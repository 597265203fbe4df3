package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What broke clients of other engines that speak Docker's API; each test names where it was reported. */
class ClientsIT {
    private static Engine engine;
    private static Docker docker;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
        docker.run(ImageTar.tar(ImageTar.files("box:1", Rootfs.busybox())), "load")
                .ok();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    @AfterEach
    void removeContainers() {
        docker.ok("ps", "-aq").lines().forEach(id -> docker.ok("rm", "-f", id));
    }

    private static Path socket() {
        return docker.socket();
    }

    private static RawClient.Answer post(String target, String json) throws IOException {
        return RawClient.send(
                socket(), "POST " + target, json.isEmpty() ? "" : "Content-Type: application/json\r\n", json);
    }

    private static JsonNode json(RawClient.Answer answer) {
        return Json.MAPPER.readTree(answer.body());
    }

    private static String create(String more) throws IOException {
        RawClient.Answer created = post(
                "/v1.51/containers/create",
                "{\"Image\":\"box:1\",\"StopSignal\":\"SIGKILL\",\"HostConfig\":{\"NetworkMode\":\"none\"}," + more
                        + "}");
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        return json(created).path("Id").asString();
    }

    private static String started(String more) throws IOException {
        String id = create(more);
        assertThat(post("/containers/" + id + "/start", "").status()).isEqualTo(204);
        return id;
    }

    /** A command may be a text or a list of texts. */
    @Test
    void commandsAreTextsOrLists() throws IOException {
        String id = create("\"Cmd\":\"a\",\"Entrypoint\":\"b\",\"Shell\":\"c\"");
        JsonNode config =
                json(RawClient.get(socket(), "/containers/" + id + "/json")).path("Config");
        assertThat(config.path("Cmd").toString()).isEqualTo("[\"a\"]");
        assertThat(config.path("Entrypoint").toString()).isEqualTo("[\"b\"]");
        assertThat(config.path("Shell").toString()).isEqualTo("[\"c\"]");
    }

    /** Docker.DotNet 554: without Upgrade the answer is neither chunked nor sized and ends with the connection. */
    @Test
    void attachWithoutUpgradeEndsWithTheConnection() throws IOException {
        String id = started("\"Cmd\":[\"sh\",\"-c\",\"echo one\"],\"Tty\":true");
        docker.ok("wait", id);
        RawClient.Answer answer = post("/v1.51/containers/" + id + "/attach?logs=1&stdout=1", "");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers()).doesNotContainKeys("content-length", "transfer-encoding");
        assertThat(answer.body()).isEqualTo("one\r\n");
    }

    /** podman 23712 and 9048: the headers of what takes long come at once. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1.51/events",
                "GET /v1.51/containers/ID/logs?follow=1&stdout=1",
                "POST /v1.51/containers/ID/wait",
                "POST /v1.51/containers/ID/wait?condition=removed"
            })
    void headersComeAtOnce(String line) throws Exception {
        String id = started("\"Cmd\":[\"sleep\",\"600\"]");
        try (RawClient client = new RawClient(socket())) {
            client.write(line.replace("ID", id) + " HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n");
            CompletableFuture<Integer> status = CompletableFuture.supplyAsync(() -> {
                try {
                    return client.head().status();
                } catch (IOException e) {
                    return -1;
                }
            });
            assertThat(status.get(5, TimeUnit.SECONDS)).isEqualTo(200);
        }
    }

    /** podman 15306 and 18092: Ryuk sends filters as maps and as lists. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/images/prune?filters={\"dangling\":{\"false\":true},\"label\":{\"none\":true}}",
                "/images/prune?filters={\"dangling\":[\"false\"],\"label\":[\"none\"]}",
                "/containers/prune?filters={\"label\":{\"none=1\":true}}",
                "/containers/prune?filters={\"label\":[\"none=1\"]}"
            })
    void filtersAreMapsOrLists(String target) throws IOException {
        RawClient.Answer answer = post("/v1.32" + target, "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(json(answer).path("SpaceReclaimed").asLong(-1)).isZero();
    }

    /** podman 6797: Testcontainers of old looks for an image by {@code filter}. */
    @Test
    void imagesAreFoundByTheOldFilter() throws IOException {
        assertThat(json(RawClient.get(socket(), "/v1.32/images/json?filter=box:1")))
                .hasSize(1);
        assertThat(json(RawClient.get(socket(), "/v1.32/images/json?filter=other")))
                .isEmpty();
    }

    /** podman 14208 and 28286: what is in use, and a name that is taken, are conflicts. */
    @Test
    void conflictsAre409() throws IOException {
        assertThat(post("/v1.51/containers/create?name=taken", "{\"Image\":\"box:1\",\"Cmd\":[\"true\"]}")
                        .status())
                .isEqualTo(201);
        assertThat(post("/v1.51/containers/create?name=taken", "{\"Image\":\"box:1\",\"Cmd\":[\"true\"]}")
                        .status())
                .isEqualTo(409);
        assertThat(RawClient.send(socket(), "DELETE /v1.51/images/box:1", "", "")
                        .status())
                .isEqualTo(409);
    }

    /** podman 28537, dockerode 807: the exit of a container that lives for a moment is never missed, and never told early. */
    @Test
    void nextExitOfAShortLifeIsTold() throws Exception {
        for (int i = 0; i < 5; i++) {
            String id = create("\"Cmd\":[\"sh\",\"-c\",\"exit 7\"]");
            try (RawClient client = new RawClient(socket())) {
                client.write("POST /v1.51/containers/" + id
                        + "/wait?condition=next-exit HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n");
                CompletableFuture<JsonNode> ending = CompletableFuture.supplyAsync(() -> {
                    try {
                        return json(client.answer(false));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                Thread.sleep(100);
                assertThat(ending).isNotDone();
                post("/containers/" + id + "/start", "");
                assertThat(ending.get(20, TimeUnit.SECONDS).path("StatusCode").asInt())
                        .isEqualTo(7);
            }
        }
    }

    /** podman 28686 and 18437: an exec without streams is a detached one, and does not run when it has ended. */
    @Test
    void anExecWithoutStreamsIsDetached() throws Exception {
        String id = started("\"Cmd\":[\"sleep\",\"600\"]");
        String exec = json(post("/containers/" + id + "/exec", "{\"Cmd\":[\"true\"]}"))
                .path("Id")
                .asString();
        RawClient.Answer started = post("/exec/" + exec + "/start", "{}");
        assertThat(started.status()).isEqualTo(200);
        assertThat(started.body()).isEmpty();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        JsonNode exited = json(RawClient.get(socket(), "/exec/" + exec + "/json"));
        while (exited.path("Running").asBoolean() && System.nanoTime() < end) {
            Thread.sleep(20);
            exited = json(RawClient.get(socket(), "/exec/" + exec + "/json"));
        }
        assertThat(exited.path("Running").asBoolean()).isFalse();
        assertThat(exited.path("ExitCode").asInt(-1)).isZero();
    }

    /** podman 6893. */
    @ParameterizedTest
    @CsvSource({"/nope, 127", "/etc, 126", "/etc/passwd, 126"})
    void execsThatCannotStartHaveTheirCodes(String program, int code) throws IOException {
        String id = started("\"Cmd\":[\"sleep\",\"600\"]");
        assertThat(docker.run("exec", id, program).code()).isEqualTo(code);
    }

    /** kubedock 53, podman 9680: files are copied before the start, with their modes, and told of in a header. */
    @Test
    void filesAreCopiedBeforeTheStart() throws Exception {
        String id = create("\"Cmd\":[\"/script\"]");
        byte[] script = "#!/bin/sh\nexit 5\n".getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(engine.directory().resolve("script"), script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
        docker.ok("cp", file.toString(), id + ":/script");
        String stat = RawClient.send(socket(), "HEAD /v1.51/containers/" + id + "/archive?path=/script", "", "")
                .headers()
                .get("x-docker-container-path-stat");
        JsonNode told = Json.MAPPER.readTree(Base64.getDecoder().decode(stat));
        assertThat(told.path("mode").asInt()).isEqualTo(0751);
        assertThat(told.path("size").asInt()).isEqualTo(script.length);
        post("/containers/" + id + "/start", "");
        assertThat(docker.ok("wait", id)).isEqualTo("5");
    }

    /** podman 10859: no time at all means all of it. */
    @Test
    void logsUntilZeroAreAll() throws IOException {
        String id = started("\"Cmd\":[\"echo\",\"line\"]");
        docker.ok("wait", id);
        assertThat(RawClient.get(socket(), "/v1.51/containers/" + id + "/logs?stdout=1&until=0")
                        .body())
                .endsWith("line\n");
    }

    /** podman 10596: who follows a log has the lines that are written while the container stops. */
    @Test
    void aFollowerHasTheLinesOfTheStop() throws Exception {
        String id = json(post(
                        "/containers/create",
                        "{\"Image\":\"box:1\",\"Cmd\":[\"sh\",\"-c\",\"trap 'echo bye; exit' TERM; echo up; while :; do sleep 0.1; done\"],\"Tty\":true,"
                                + "\"HostConfig\":{\"NetworkMode\":\"none\"}}"))
                .path("Id")
                .asString();
        post("/containers/" + id + "/start", "");
        Process follower = docker.start("logs", "-f", id);
        assertThat(follower.inputReader().readLine()).isEqualTo("up");
        docker.ok("stop", id);
        assertThat(follower.inputReader().readLine()).isEqualTo("bye");
        assertThat(follower.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    /** podman 24730 and 15754: one line of stats can be made a percentage of. */
    @Test
    void oneLineOfStatsHasTheOneBefore() throws IOException {
        String id = started("\"Cmd\":[\"sleep\",\"600\"]");
        JsonNode stats = json(RawClient.get(socket(), "/v1.51/containers/" + id + "/stats?stream=false"));
        assertThat(stats.path("cpu_stats").path("online_cpus").asInt()).isPositive();
        long before = stats.path("precpu_stats").path("system_cpu_usage").asLong();
        assertThat(before).isPositive();
        assertThat(stats.path("cpu_stats").path("system_cpu_usage").asLong()).isGreaterThan(before);
    }

    /** watchtower through podman 23824. */
    @Test
    void swappinessIsNullWhereUnset() throws IOException {
        String id = create("\"Cmd\":[\"true\"]");
        JsonNode swappiness = json(RawClient.get(socket(), "/containers/" + id + "/json"))
                .path("HostConfig")
                .path("MemorySwappiness");
        assertThat(swappiness.isNull()).isTrue();
    }

    /** podman 15828: what is not there is a status, not a line of a stream. */
    @Test
    void aPullOfNothingIsAStatus() throws IOException {
        RawClient.Answer answer = post("/v1.51/images/create?fromImage=127.0.0.1:1/none&tag=1", "");
        assertThat(answer.status()).isIn(404, 500);
        assertThat(json(answer).path("message").asString()).contains("127.0.0.1:1");
    }

    /** podman 19901: input through a pipe comes once and ends. */
    @Test
    void pipedInputComesOnce() {
        assertThat(docker.run(
                                "a\nb\n".getBytes(StandardCharsets.UTF_8),
                                "run",
                                "--network",
                                "none",
                                "-i",
                                "box:1",
                                "cat")
                        .ok())
                .isEqualTo("a\nb\n");
    }

    /** podman 12320: a short name is one of Docker's. */
    @Test
    void shortNamesAreDockers() {
        for (Map.Entry<String, String> name : Map.of("docker.io/library/box:1", "box:1", "library/box:1", "box:1")
                .entrySet()) {
            assertThat(docker.ok("image", "inspect", "-f", "{{index .RepoTags 0}}", name.getKey()))
                    .isEqualTo(name.getValue());
        }
    }
}
