package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What containers are found by, as a user of the docker CLI has them. */
class NamesAndPortsIT {
    private static final int MANY = 12;

    private static Engine engine;
    private static Docker docker;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
        docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sh\"]", "-", "box").ok();
    }

    /** With the last network of an engine that ends go its links and its rules, as closing it sees. */
    @AfterAll
    static void stop() throws Exception {
        String bridge = docker.ok(
                "network", "inspect", "-f", "{{index .Options \"com.docker.network.bridge.name\"}}", "bridge");
        assertThat(Command.run("ip", "-o", "link").ok()).contains(bridge + ":");
        String mark =
                Command.run("cat", "/sys/class/net/" + bridge + "/ifalias").ok().split(" ")[0];
        assertThat(Command.run("nft", "list", "tables").ok()).contains(mark);
        engine.close();
    }

    @AfterEach
    void removeAll() {
        List<String> all = docker.ok("ps", "-aq").lines().toList();
        if (!all.isEmpty()) {
            docker.ok(with(List.of("rm", "-f"), all).toArray(String[]::new));
        }
        docker.ok("network", "prune", "-f");
    }

    @Test
    void containersFindEachOtherByNameAliasAndShortId() {
        docker.ok("network", "create", "app");
        docker.ok("network", "create", "other");
        serve("web", "--network", "app", "--network-alias", "Front.End");
        String id = docker.ok("inspect", "-f", "{{slice .Id 0 12}}", "web");
        String address = docker.ok("inspect", "-f", "{{.NetworkSettings.Networks.app.IPAddress}}", "web");
        for (String name : List.of("web", "WEB", "front.end", id, "web.app")) {
            assertThat(in("app", "nc -w 2 " + name + " 80 </dev/null")).as(name).isEqualTo("web");
        }
        assertThat(in("other", "nslookup web 2>&1 || true")).contains("can't find web");
        assertThat(in("other", "nc -w 1 " + address + " 80 </dev/null || echo no"))
                .isEqualTo("no");
        assertThat(in("bridge", "nc -w 1 " + address + " 80 </dev/null || echo no"))
                .isEqualTo("no");
        docker.ok("network", "connect", "--alias", "second", "other", "web");
        assertThat(in("other", "nc -w 2 second 80 </dev/null; nslookup " + address + " | tail -2"))
                .startsWith("web");
        docker.ok("network", "disconnect", "other", "web");
        assertThat(in("other", "nslookup web 2>&1 || true")).contains("can't find web");
        docker.ok("rename", "web", "renamed");
        assertThat(in("app", "nc -w 2 renamed 80 </dev/null")).isEqualTo("web");
    }

    @Test
    void aScaledServiceAnswersInTurns() {
        docker.ok("network", "create", "app");
        IntStream.range(0, 3).forEach(i -> serve("s" + i, "--network", "app", "--network-alias", "service"));
        String answers = in("app", "for i in 1 2 3 4 5 6; do nc -w 2 service 80 </dev/null; done");
        assertThat(answers.lines()).contains("s0", "s1", "s2");
    }

    @Test
    void aSigkillOfTheEngineKeepsAddressesPortsAndNames() throws Exception {
        docker.ok("network", "create", "app");
        int port = FreePort.any();
        serve("web", "--network", "app", "-p", port + ":80");
        docker.ok("run", "-d", "--name", "client", "--network", "app", "box", "sleep", "600");
        serve("ends", "--network", "app", "-p", "80");
        String before = docker.ok("inspect", "-f", "{{json .NetworkSettings}}", "web");
        String init = docker.ok("inspect", "-f", "{{.State.Pid}}", "ends");
        assertThat(init).isNotEqualTo("0");
        engine.sigkill();
        Command.run("kill", "-9", init).ok();
        assertThat(ask("127.0.0.1", port)).isEqualTo("web");
        engine.restart();
        assertThat(docker.ok("inspect", "-f", "{{json .NetworkSettings}}", "web"))
                .isEqualTo(before);
        assertThat(ask("127.0.0.1", port)).isEqualTo("web");
        assertThat(ask("::1", port)).isEqualTo("web");
        assertThat(docker.ok("exec", "client", "sh", "-c", "nc -w 2 web 80 </dev/null"))
                .isEqualTo("web");
        docker.ok("wait", "ends");
        assertThat(docker.ok("exec", "client", "sh", "-c", "nslookup ends 2>&1 || true"))
                .contains("can't find ends");
        docker.ok("start", "ends");
        assertThat(docker.ok("exec", "client", "sh", "-c", "nc -w 2 ends 80 </dev/null"))
                .isEqualTo("ends");
    }

    @Test
    void manyContainersAllTalkToEachOther() throws Exception {
        docker.ok("network", "create", "crowd");
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> started = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                String name = "m" + i;
                started.add(threads.submit(() -> serve(name, "--network", "crowd")));
            }
            for (Future<?> each : started) {
                each.get();
            }
            String loop = "i=0; while [ $i -lt " + MANY
                    + " ]; do nc -w 3 m$i 80 </dev/null || echo lost $i; i=$((i+1)); done";
            List<Future<String>> asked = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                String name = "m" + i;
                asked.add(threads.submit(() -> docker.ok("exec", name, "sh", "-c", loop)));
            }
            String all = String.join(
                    "\n", IntStream.range(0, MANY).mapToObj(i -> "m" + i).toList());
            for (Future<String> answer : asked) {
                assertThat(answer.get()).isEqualTo(all);
            }
        }
    }

    /** A container that tells its name to everyone who connects to its port 80. */
    private static void serve(String name, String... options) {
        docker.ok(with(
                with(List.of("run", "-d", "--name", name), List.of(options)),
                "box",
                "nc",
                "-ll",
                "-p",
                "80",
                "-e",
                "echo",
                name));
    }

    private static String in(String network, String script) {
        return docker.ok("run", "--rm", "--network", network, "box", "sh", "-c", script);
    }

    private static List<String> with(List<String> first, List<String> then) {
        List<String> all = new ArrayList<>(first);
        all.addAll(then);
        return all;
    }

    private static String[] with(List<String> first, String... then) {
        return with(first, List.of(then)).toArray(String[]::new);
    }

    /** What a server says; a container that has just started may not listen yet. */
    private static String ask(String host, int port) throws IOException, InterruptedException {
        for (int tried = 0; ; tried++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(host, port), 3000);
                socket.setSoTimeout(3000);
                String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                if (!said.isEmpty() || tried > 20) {
                    return said;
                }
            } catch (IOException e) {
                if (tried > 20) {
                    throw e;
                }
            }
            Thread.sleep(50);
        }
    }
}
