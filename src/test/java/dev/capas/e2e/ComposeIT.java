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
import java.util.regex.MatchResult;
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
    private static Set<String> hostBefore;

    @BeforeAll
    static void up() throws Exception {
        hostBefore = host();
        engine = Engine.start();
        Path plugins = Files.createDirectories(engine.directory().resolve("cli/cli-plugins"));
        Path own = Path.of(".capas/compose/docker-compose").toAbsolutePath();
        if (Files.exists(own)) {
            Files.createSymbolicLink(plugins.resolve("docker-compose"), own);
        }
        importImage("web", Rootfs.nginx());
        importImage("app", Rootfs.clients());
        importImage("db", Rootfs.postgres());
        importImage("cache", Rootfs.redis());
        project = Files.createDirectory(engine.directory().resolve("shop"));
        for (String file : List.of("compose.yaml", "nginx.conf", "orders.sql")) {
            try (var content = ComposeIT.class.getResourceAsStream("/compose/shop/" + file)) {
                Files.copy(content, project.resolve(file));
            }
        }
        assertThat(compose("up", "-d", "--wait").err())
                .contains(
                        "Container shop-db-1  Healthy",
                        "Container shop-migrate-1  Exited",
                        "Container shop-web-1  Healthy");
    }

    private static void importImage(String name, byte[] tar) {
        engine.docker()
                .run(tar, "import", "-c", "ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin", "-", "shop-" + name)
                .ok();
    }

    @AfterAll
    static void down() throws Exception {
        try {
            compose("--profile", "debug", "down", "-v");
            assertThat(engine.docker().ok("ps", "-aq")).isEmpty();
            assertThat(engine.docker().ok("volume", "ls", "-q")).isEmpty();
            assertThat(engine.docker()
                            .ok("network", "ls", "--format", "{{.Name}}")
                            .lines())
                    .containsExactlyInAnyOrder("bridge", "host", "none");
        } finally {
            engine.close();
        }
        assertThat(host()).isEqualTo(hostBefore);
    }

    /** The links and the rules of this machine. */
    private static Set<String> host() {
        Set<String> found = new TreeSet<>();
        Command.run("ip", "-o", "link")
                .ok()
                .lines()
                .map(line -> line.split(":")[1])
                .forEach(found::add);
        found.addAll(Command.run("nft", "list", "tables").ok().lines().toList());
        return found;
    }

    private static Command.Result compose(String... arguments) {
        List<String> all = new ArrayList<>(
                List.of("compose", "-f", project.resolve("compose.yaml").toString()));
        all.addAll(List.of(arguments));
        Command.Result result = engine.docker().run(all.toArray(String[]::new));
        assertThat(result.code())
                .as("%s%n%s%s", all, result.out(), result.err())
                .isZero();
        return result;
    }

    private static String ask() throws IOException, InterruptedException {
        URI page = URI.create("http://" + compose("port", "web", "80").out().strip() + "/cgi-bin/orders");
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void theWebServerAnswersFromTheDatabase() throws Exception {
        assertThat(ask()).matches(ANSWER);
    }

    @Test
    void psShowsWhatRunsAndHow() {
        assertThat(compose("ps", "-a", "--format", "{{.Service}} {{.Image}} {{.State}} {{.Health}} {{.ExitCode}}")
                        .out()
                        .lines())
                .contains(
                        "cache shop-cache running healthy 0",
                        "db shop-db running healthy 0",
                        "migrate shop-app exited  0");
        assertThat(compose("ps", "web").out())
                .containsPattern("shop-web-1 +shop-web +\"nginx -g 'daemon of…\" +web .* 127\\.0\\.0\\.1:\\d+->80/tcp");
        assertThat(compose("ls").out()).containsPattern("shop +running\\(\\d\\) +" + project + "/compose.yaml");
        assertThat(compose("images", "db").out()).containsPattern("shop-db-1 +shop-db +latest +linux/amd64 ");
    }

    @Test
    void aScaledServiceAnswersInTurns() throws Exception {
        compose("up", "-d", "--wait", "--scale", "app=3");
        Set<String> answered = new TreeSet<>();
        for (int i = 0; i < 100 && answered.size() < 3; i++) {
            ANSWER.matcher(ask())
                    .results()
                    .map(MatchResult::group)
                    .map(answer -> answer.split("by ")[1])
                    .forEach(answered::add);
        }
        assertThat(answered).hasSize(3);
        compose("up", "-d", "--wait", "--scale", "app=1");
        assertThat(compose("ps", "-q", "app").out().lines()).hasSize(1);
    }

    @Test
    void commandsRunInServicesAndFilesGoBothWays() throws Exception {
        assertThat(compose("exec", "-T", "cache", "redis-cli", "ping").out()).isEqualTo("PONG\n");
        Path file = Files.writeString(project.resolve("hello"), "hello\n");
        compose("cp", file.toString(), "cache:/tmp/hello");
        assertThat(compose("exec", "-T", "cache", "cat", "/tmp/hello").out()).isEqualTo("hello\n");
        compose("cp", "cache:/tmp/hello", project.resolve("back").toString());
        assertThat(project.resolve("back")).hasContent("hello\n");
        assertThat(compose("top", "cache").out()).containsPattern("cache +1 +root .* redis-server \\*:6379");
        assertThat(compose("stats", "--no-stream", "db").out())
                .containsPattern("shop-db-1 +\\d+\\.\\d+% +[\\d.]+MiB / ");
        assertThat(compose(
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
                                "select what from orders where id = 3",
                                "postgres")
                        .out())
                .isEqualTo("wine\n");
    }

    @Test
    void logsFollow() throws Exception {
        List<String> command = List.of(
                "compose",
                "-f",
                project.resolve("compose.yaml").toString(),
                "logs",
                "-f",
                "--no-log-prefix",
                "--tail",
                "0",
                "web");
        Process logs = engine.docker().start(command.toArray(String[]::new));
        try (var lines = logs.inputReader(StandardCharsets.UTF_8)) {
            String mark = "/cgi-bin/orders?" + System.nanoTime();
            URI page = URI.create("http://" + compose("port", "web", "80").out().strip() + mark);
            try (HttpClient client = HttpClient.newHttpClient()) {
                String line = "";
                for (int i = 0; i < 50 && !line.contains(mark); i++) {
                    client.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.discarding());
                    line = lines.readLine();
                }
                assertThat(line).contains("GET " + mark + " HTTP/1.1\" 200");
            }
        } finally {
            logs.destroy();
            logs.waitFor(10, TimeUnit.SECONDS);
        }
        assertThat(compose("logs", "migrate").out())
                .contains("migrate-1  | CREATE TABLE\n", "migrate-1  | INSERT 0 3\n");
    }

    @Test
    void servicesRestartPauseAndKeepTheirData() throws Exception {
        String since = Long.toString(System.currentTimeMillis() / 1000);
        compose("restart", "db");
        compose("up", "-d", "--wait", "db");
        compose("pause", "web");
        assertThat(compose("ps", "web").out()).contains("(Paused)");
        compose("unpause", "web");
        assertThat(ask()).matches(ANSWER);
        assertThat(compose("events", "--since", since, "--until", "0s").out().lines())
                .anySatisfy(line -> assertThat(line).contains("container pause").contains("name=shop-web-1"))
                .anySatisfy(
                        line -> assertThat(line).contains("container restart").contains("name=shop-db-1"));
    }

    @Test
    void aProfileJoinsTheInnerNetwork() {
        compose("--profile", "debug", "up", "-d", "inspector");
        assertThat(compose("exec", "-T", "inspector", "ps").out())
                .containsPattern("1 root +/sbin/docker-init -- sleep 1000");
        assertThat(compose("exec", "-T", "inspector", "nslookup", "store").out())
                .containsPattern("Server:\\s+127\\.0\\.0\\.11\n")
                .containsPattern("Name:\\s+store\nAddress: \\d+");
        assertThat(compose("exec", "-T", "inspector", "sh", "-c", "wget -T 1 -qO - http://web/ || echo unknown")
                        .out())
                .isEqualTo("unknown\n");
        assertThat(compose("exec", "-T", "inspector", "sh", "-c", "ip route | grep -c default || true")
                        .out())
                .isEqualTo("0\n");
        compose("rm", "-sf", "inspector");
    }
}
