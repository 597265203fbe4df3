package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A project as a team has it, by the real Compose: a web server before an application, which asks PostgreSQL and Redis; a job that
 * makes the tables; two networks, volumes, health checks, a profile.
 */
class ComposeIT {
    private static final Pattern ANSWER = Pattern.compile("3 orders, visit \\d+, served by ([0-9a-f]{12})\n");

    private static Engine engine;
    private static Path project;
    private static Compose compose;

    @BeforeAll
    static void up() throws Exception {
        engine = Engine.start();
        project = Files.createDirectory(engine.directory().resolve("shop"));
        for (String file : List.of("compose.yaml", "nginx.conf", "orders.sql")) {
            Files.copy(Path.of("src/test/resources/compose/shop", file), project.resolve(file));
        }
        compose = new Compose(engine.docker(), project.resolve("compose.yaml"));
        importImage("shop-web", Rootfs.nginx());
        importImage("shop-app", Rootfs.clients());
        importImage("shop-cache", Rootfs.redis());
        importImage("postgres:17", Rootfs.postgres(), "CMD /start", "USER postgres");
        assertThat(compose.ok("up", "-d", "--wait").err())
                .contains(
                        "Container shop-db-1  Healthy",
                        "Container shop-migrate-1  Exited",
                        "Container shop-web-1  Healthy");
    }

    private static void importImage(String name, byte[] tar, String... changes) {
        List<String> command = new ArrayList<>(List.of("import", "-c", "ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin"));
        for (String change : changes) {
            command.addAll(List.of("-c", change));
        }
        command.addAll(List.of("-", name));
        engine.docker().run(tar, command.toArray(String[]::new)).ok();
    }

    @AfterAll
    static void down() throws Exception {
        try (Engine running = engine) {
            compose.ok("--profile", "debug", "down", "-v");
            assertThat(running.docker().ok("ps", "-aq")).isEmpty();
            assertThat(running.docker().ok("volume", "ls", "-q")).isEmpty();
            assertThat(engine.docker()
                            .ok("network", "ls", "--format", "{{.Name}}")
                            .lines())
                    .containsExactlyInAnyOrder("bridge", "host", "none");
        }
    }

    private static String ask(String path) throws IOException, InterruptedException {
        URI page = URI.create("http://" + compose.out("port", "web", "80") + path);
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void theWebServerAnswersFromTheDatabase() throws Exception {
        assertThat(ask("/cgi-bin/orders")).matches(ANSWER);
    }

    @Test
    void whatRunsIsListed() {
        assertThat(compose.out("ps", "-a", "--format", "{{.Service}} {{.Image}} {{.State}} {{.Health}} {{.ExitCode}}")
                        .lines())
                .contains(
                        "cache shop-cache running healthy 0",
                        "db postgres:17 running healthy 0",
                        "migrate shop-app exited  0");
        assertThat(compose.out("ps", "web"))
                .containsPattern("shop-web-1 +shop-web +\"nginx -g 'daemon of…\" +web .* 127\\.0\\.0\\.1:\\d+->80/tcp");
        assertThat(compose.out("ls")).containsPattern("shop +running\\(\\d\\) +" + project + "/compose.yaml");
        assertThat(compose.out("images", "db")).containsPattern("shop-db-1 +postgres +17 +linux/amd64 ");
    }

    @Test
    void aScaledServiceAnswersInTurns() throws Exception {
        compose.ok("up", "-d", "--wait", "--scale", "app=3");
        Set<String> answered = new TreeSet<>();
        for (int i = 0; i < 100 && answered.size() < 3; i++) {
            Matcher answer = ANSWER.matcher(ask("/cgi-bin/orders"));
            if (answer.matches()) {
                answered.add(answer.group(1));
            }
        }
        assertThat(answered).hasSize(3);
        compose.ok("up", "-d", "--wait", "--scale", "app=1");
        assertThat(compose.out("ps", "-q", "app").lines()).hasSize(1);
    }

    @Test
    void commandsRunInServicesAndFilesGoBothWays() throws Exception {
        assertThat(compose.out("exec", "-T", "cache", "redis-cli", "ping")).isEqualTo("PONG");
        Path file = Files.writeString(project.resolve("hello"), "hello\n");
        compose.ok("cp", file.toString(), "cache:/tmp/hello");
        assertThat(compose.out("exec", "-T", "cache", "cat", "/tmp/hello")).isEqualTo("hello");
        compose.ok("cp", "cache:/tmp/hello", project.resolve("back").toString());
        assertThat(project.resolve("back")).hasContent("hello\n");
        assertThat(compose.out("top", "cache")).containsPattern("cache +1 +root .* redis-server \\*:6379");
        assertThat(compose.out("stats", "--no-stream", "db")).containsPattern("shop-db-1 +\\d+\\.\\d+% +[\\d.]+MiB / ");
        assertThat(compose.out(
                        "run",
                        "--rm",
                        "--no-deps",
                        "migrate",
                        "psql",
                        "-h",
                        "db",
                        "-U",
                        "shop",
                        "-Atc",
                        "select what from orders where id = 3"))
                .isEqualTo("wine");
    }

    @Test
    void logsFollow() throws Exception {
        Process logs = compose.start("logs", "-f", "--no-log-prefix", "--tail", "0", "web");
        try (var lines = logs.inputReader(StandardCharsets.UTF_8)) {
            String mark = "/cgi-bin/orders?" + System.nanoTime();
            String line = "";
            for (int i = 0; i < 50 && !line.contains(mark); i++) {
                ask(mark);
                line = lines.readLine();
            }
            assertThat(line).contains("GET " + mark + " HTTP/1.1\" 200");
        } finally {
            logs.destroy();
            logs.waitFor(10, TimeUnit.SECONDS);
        }
        assertThat(compose.out("logs", "migrate")).contains("migrate-1  | CREATE TABLE\n", "migrate-1  | INSERT 0 3");
    }

    @Test
    void servicesRestartAndPauseAndKeepTheirData() throws Exception {
        String since = Long.toString(System.currentTimeMillis() / 1000);
        compose.ok("restart", "db");
        compose.ok("up", "-d", "--wait", "db");
        compose.ok("pause", "web");
        assertThat(compose.out("ps", "web")).contains("(Paused)");
        compose.ok("unpause", "web");
        assertThat(ask("/cgi-bin/orders")).matches(ANSWER);
        String until = Long.toString(System.currentTimeMillis() / 1000 + 1);
        // Compose ends with a failure where the stream of events ends, also on dockerd
        assertThat(compose.run("events", "--since", since, "--until", until)
                        .out()
                        .lines())
                .anySatisfy(line -> assertThat(line).contains("container pause").contains("name=shop-web-1"))
                .anySatisfy(
                        line -> assertThat(line).contains("container restart").contains("name=shop-db-1"));
    }

    @Test
    void aProfileJoinsTheInnerNetwork() {
        compose.ok("--profile", "debug", "up", "-d", "inspector");
        assertThat(compose.out("exec", "-T", "inspector", "ps"))
                .containsPattern("1 root +/sbin/docker-init -- sleep 1000");
        assertThat(compose.out("exec", "-T", "inspector", "nslookup", "store"))
                .containsPattern("Server:\\s+127\\.0\\.0\\.11\n")
                .containsPattern("Name:\\s+store\nAddress: \\d+");
        assertThat(compose.out("exec", "-T", "inspector", "sh", "-c", "wget -T 1 -qO - http://web/ || echo unknown"))
                .isEqualTo("unknown");
        assertThat(compose.out("exec", "-T", "inspector", "sh", "-c", "ip route | grep -c default || true"))
                .isEqualTo("0");
        compose.ok("rm", "-sf", "inspector");
    }
}
