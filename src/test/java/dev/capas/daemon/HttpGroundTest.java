package dev.capas.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.e2e.RawClient;
import dev.capas.errdefs.EngineException;
import dev.capas.event.EventBus;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** HTTP as clients of Docker speak it, on two real Unix sockets and a port, with routes that only show what arrives. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpGroundTest {
    private Path socket;
    private Path second;
    private InetSocketAddress port;
    private ConfigurableApplicationContext context;

    @BeforeAll
    void listen(@TempDir Path directory) throws IOException {
        socket = directory.resolve("first.sock");
        second = directory.resolve("second.sock");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = (InetSocketAddress) free.getLocalSocketAddress();
        }
        String hosts = "unix://" + socket + ",unix://" + second + ",tcp://127.0.0.1:" + port.getPort();
        DaemonSettings settings = DaemonCommand.parse(List.of("-H", hosts, "--exec-root", directory.toString()))
                .settings();
        SpringApplication application = new SpringApplication(Ground.class);
        application.addInitializers(it -> it.getBeanFactory().registerSingleton("daemonSettings", settings));
        context = application.run();
    }

    @AfterAll
    void stop() {
        context.close();
        assertThat(socket).doesNotExist();
        assertThat(second).doesNotExist();
    }

    /** The ground without the engine on it. */
    @Configuration
    @EnableAutoConfiguration(
            excludeName = {
                "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
                "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
                "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration",
                "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
                "org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration"
            })
    @ComponentScan(
            basePackages = "dev.capas.api",
            useDefaultFilters = false,
            includeFilters =
                    @ComponentScan.Filter(
                            type = FilterType.REGEX,
                            pattern =
                                    ".*\\.(WebConfiguration|ErrorAdvice|ApiRequestFilter|OriginFilter|PingController|HijackValve)"))
    @Import({Listeners.class, SocketHangUps.class, Routes.class, EventBus.class})
    static class Ground {}

    @RestController
    static class Routes {
        record Person(
                @Nullable String name,
                long age,
                boolean tall,
                @Nullable Map<String, String> labels) {}

        @GetMapping("/flag")
        Map<String, Boolean> flag(@RequestParam(defaultValue = "false") boolean all) {
            return Map.of("all", all);
        }

        @GetMapping("/images/{name}/json")
        Map<String, String> image(@PathVariable String name, @RequestParam(defaultValue = "") String filters) {
            return Map.of("name", name, "filters", filters);
        }

        @DeleteMapping("/images/{name}")
        Map<String, String> delete(@PathVariable String name) {
            return Map.of("name", name);
        }

        @PostMapping("/load")
        Map<String, Object> load(HttpServletRequest request, @RequestParam(defaultValue = "") String quiet)
                throws IOException {
            return Map.of("read", request.getInputStream().readAllBytes().length, "quiet", quiet);
        }

        @PostMapping("/people")
        Person create(@RequestBody Person person) {
            return person;
        }

        @GetMapping("/fail")
        void fail(@RequestParam EngineException.Kind kind) {
            throw new EngineException(kind, "no luck", null);
        }

        @GetMapping("/crash")
        void crash() {
            throw new IllegalStateException("a secret");
        }
    }

    @Test
    void answersPingWithAllItsHeaders() throws IOException {
        for (Path one : List.of(socket, second)) {
            RawClient.Answer answer = RawClient.get(one, "/_ping");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("OK");
            assertThat(answer.headers())
                    .containsEntry("api-version", "1.51")
                    .containsEntry("builder-version", "1")
                    .containsEntry("docker-experimental", "false")
                    .containsEntry("ostype", "linux")
                    .containsEntry("swarm", "inactive")
                    .containsEntry("cache-control", "no-cache, no-store, must-revalidate")
                    .containsEntry("pragma", "no-cache");
            assertThat(answer.headers().get("server")).matches("Docker/.+ \\(linux\\)");
            assertThat(answer.headers().get("content-type")).startsWith("text/plain");
        }
        RawClient.Answer head = RawClient.send(socket, "HEAD /v1.24/_ping", "", "");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers()).containsEntry("content-length", "0").containsEntry("api-version", "1.51");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1.52/_ping | 400 | {\"message\":\"client version 1.52 is too new. Maximum supported API version is 1.51\"}",
                "/v2/_ping | 400 | {\"message\":\"client version 2 is too new. Maximum supported API version is 1.51\"}",
                "/v1.23/_ping | 400 | client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version",
                "/nope | 404 | {\"message\":\"page not found\"}",
                "/v1.51/nope | 404 | {\"message\":\"page not found\"}",
                "/v9.99/nope | 404 | {\"message\":\"page not found\"}",
                "/v1.51/ | 404 | {\"message\":\"page not found\"}",
                "/load | 404 | {\"message\":\"page not found\"}"
            })
    void refusesInDockersWords(String path, int status, String body) throws IOException {
        RawClient.Answer answer = RawClient.get(socket, path);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body().strip()).isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /flag",
                "DELETE /_ping",
                "PUT /flag",
                "HEAD /flag",
                "TRACE /flag",
                "FOO /flag",
                "POST /_ping"
            })
    void knowsNoOtherMethod(String line) throws IOException {
        RawClient.Answer answer = RawClient.send(socket, line, "", "");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.headers()).doesNotContainKey("api-version");
    }

    @Test
    void redirectsPathsThatAreNotClean() throws IOException {
        RawClient.Answer answer = RawClient.get(socket, "/v1.51//flag?all=1");
        assertThat(answer.status()).isEqualTo(301);
        assertThat(answer.headers()).containsEntry("location", "/v1.51/flag?all=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%2Fvar%2Frun%2Fdocker.sock", "my_docker", "", "evil.example:80"})
    void takesAnyHostOnASocketOfThisMachine(String host) throws IOException {
        assertThat(RawClient.send(socket, "GET /_ping", "Host: " + host + "\r\n", "")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "127.0.0.1:2375 | - | 200",
                "localhost:2375 | - | 200",
                "[::1]:2375 | - | 200",
                "engine.localhost | - | 200",
                "my_docker | - | 200",
                "localhost:2375 | http://localhost:2375 | 200",
                "rebound.example | - | 403",
                "rebound.example:2375 | http://rebound.example:2375 | 403",
                "127.0.0.1.rebound.example | - | 403",
                "localhost.rebound.example:2375 | - | 403",
                "127.0.0.1:2375 | http://page.example | 403",
                "127.0.0.1:2375 | null | 403",
                "127.0.0.1:2375 | https://127.0.0.1:2375 | 403"
            })
    void keepsWebPagesAwayFromTcp(String host, @Nullable String origin, int status) throws IOException {
        String headers = "Host: " + host + "\r\n" + (origin == null ? "" : "Origin: " + origin + "\r\n");
        for (String line : List.of("GET /_ping", "POST /load")) {
            RawClient.Answer answer = RawClient.send(port, line, headers, "");
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.body().contains("requests of web pages are refused"))
                    .isEqualTo(status == 403);
        }
    }

    @Test
    void takesLongHeaders() throws IOException {
        assertThat(RawClient.send(socket, "GET /_ping", "X-Registry-Config: " + "x".repeat(100_000) + "\r\n", "")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "all=1, true",
        "all=true, true",
        "all=2, true",
        "all=yes, true",
        "all=0, false",
        "all=false, false",
        "all=FALSE, false",
        "all=no, false",
        "all=none, false",
        "all=, false",
        "all, false",
        "other=1, false"
    })
    void readsBooleansAsDockerDoes(String query, boolean expected) throws IOException {
        assertThat(RawClient.get(socket, "/flag?" + query).body().strip()).isEqualTo("{\"all\":" + expected + "}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1.32/images/a%2Fb:1/json", "/v1.24/images/a/b:1/json", "/images/a/b:1/json"})
    void takesSlashesInNames(String path) throws IOException {
        assertThat(RawClient.get(socket, path).body()).contains("\"name\":\"a/b:1\"");
    }

    @Test
    void takesSlashesInNamesToDelete() throws IOException {
        assertThat(RawClient.send(socket, "DELETE /images/localhost:5000/a/json", "", "")
                        .body())
                .contains("\"name\":\"localhost:5000/a/json\"");
    }

    @Test
    void takesRawBraces() throws IOException {
        assertThat(RawClient.get(socket, "/images/x/json?filters={\"status\":[\"running\"]}")
                        .body())
                .contains("{\\\"status\\\":[\\\"running\\\"]}");
    }

    @Test
    void leavesBodiesAloneThatSayTheyAreForms() throws IOException {
        String form = "Content-Type: application/x-www-form-urlencoded\r\n";
        assertThat(RawClient.send(socket, "POST /load?quiet=1", form, "quiet=0&a=b")
                        .body())
                .contains("\"read\":11")
                .contains("\"quiet\":\"1\"");
    }

    @Test
    void waitsForABodyThatStalls() throws Exception {
        try (RawClient client = new RawClient(socket)) {
            client.write("POST /load HTTP/1.1\r\nHost: d\r\nContent-Length: 4\r\n\r\nab");
            Thread.sleep(500);
            client.write("cd");
            assertThat(client.answer(false).body()).contains("\"read\":4");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"Name\":\"x\",\"AGE\":3,\"unknown\":[1]} | {\"name\":\"x\",\"age\":3,\"tall\":false,\"labels\":null}",
                "{\"age\":null} | {\"name\":null,\"age\":0,\"tall\":false,\"labels\":null}",
                "null | {\"name\":null,\"age\":0,\"tall\":false,\"labels\":null}"
            })
    void readsJsonAsGoDoes(String body, String answered) throws IOException {
        assertThat(post(body).body().strip()).isEqualTo(answered);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{nonsense | invalid JSON: invalid character 'n' looking for beginning of object key string",
                "{\"name\":\"x\" | invalid JSON: unexpected EOF",
                "{\"name\":\"x\"}{} | unexpected content after JSON",
                "{\"name\":\"x\"} x | unexpected content after JSON",
                "[] | invalid JSON: json: cannot unmarshal array into Go value of type daemon.Person",
                "\"x\" | invalid JSON: json: cannot unmarshal string into Go value of type daemon.Person",
                "{\"name\":7} | invalid JSON: json: cannot unmarshal number into Go struct field Person.name of type string",
                "{\"name\":true} | invalid JSON: json: cannot unmarshal bool into Go struct field Person.name of type string",
                "{\"name\":[]} | invalid JSON: json: cannot unmarshal array into Go struct field Person.name of type string",
                "{\"age\":\"x\"} | invalid JSON: json: cannot unmarshal string into Go struct field Person.age of type int64",
                "{\"age\":\"5\"} | invalid JSON: json: cannot unmarshal string into Go struct field Person.age of type int64",
                "{\"age\":1.5} | invalid JSON: json: cannot unmarshal number 1.5 into Go struct field Person.age of type int64",
                "{\"age\":99999999999999999999} | invalid JSON: json: cannot unmarshal number 99999999999999999999 into Go struct field Person.age of type int64",
                "{\"tall\":\"x\"} | invalid JSON: json: cannot unmarshal string into Go struct field Person.tall of type bool",
                "{\"tall\":1} | invalid JSON: json: cannot unmarshal number into Go struct field Person.tall of type bool",
                "{\"labels\":{\"a\":1}} | invalid JSON: json: cannot unmarshal number into Go struct field Person.labels.a of type string",
                "{\"labels\":[]} | invalid JSON: json: cannot unmarshal array into Go struct field Person.labels of type map[string]string"
            })
    void refusesBodiesInGosWords(String body, String message) throws IOException {
        RawClient.Answer answer = post(body);
        assertThat(dev.capas.oci.Json.MAPPER
                        .readTree(answer.body())
                        .path("message")
                        .asString())
                .isEqualTo(message);
        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void wantsABodyAndItsType() throws IOException {
        assertThat(RawClient.send(socket, "POST /people", "", "").body())
                .contains("invalid JSON: got EOF while reading request body");
        assertThat(RawClient.send(socket, "POST /people", "Content-Type: text/plain\r\n", "{}")
                        .body())
                .contains("unsupported Content-Type header (text/plain): must be 'application/json'");
        assertThat(RawClient.send(socket, "POST /people", "", "{}").body())
                .contains("malformed Content-Type header (): mime: no media type");
        assertThat(RawClient.send(socket, "POST /people", "Content-Type: application/json; charset=utf-8\r\n", "{}")
                        .status())
                .isEqualTo(200);
    }

    private RawClient.Answer post(String body) throws IOException {
        return RawClient.send(socket, "POST /people", "Content-Type: application/json\r\n", body);
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_PARAMETER, 400",
        "UNAUTHORIZED, 401",
        "FORBIDDEN, 403",
        "NOT_FOUND, 404",
        "CONFLICT, 409",
        "SYSTEM, 500",
        "NOT_IMPLEMENTED, 501",
        "UNAVAILABLE, 503"
    })
    void hasAStatusForEachKindOfFailure(String kind, int status) throws IOException {
        RawClient.Answer answer = RawClient.get(socket, "/fail?kind=" + kind);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body().strip()).isEqualTo("{\"message\":\"no luck\"}");
        assertThat(answer.headers()).containsEntry("content-type", "application/json");
    }

    @Test
    void saysNothingWhereNothingChanged() throws IOException {
        RawClient.Answer answer = RawClient.send(socket, "GET /fail?kind=NOT_MODIFIED", "Connection: close\r\n", "");
        assertThat(answer.status()).isEqualTo(304);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void keepsItsSecrets() throws IOException {
        RawClient.Answer answer = RawClient.get(socket, "/crash");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.body())
                .doesNotContain("secret")
                .doesNotContain("Exception")
                .contains("message");
    }

    @Test
    void answersBrokenPathsWithoutAPage() throws IOException {
        RawClient.Answer answer = RawClient.get(socket, "/containers/%zz/json");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).startsWith("{\"message\":").doesNotContain("<");
    }

    @Test
    void isOpenToItsGroupOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-rw----");
    }
}
