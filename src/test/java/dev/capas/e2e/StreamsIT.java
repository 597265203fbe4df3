package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams of containers, and clients that leave them, stall, come early or are many. */
@Timeout(120)
class StreamsIT {
    private static final long MIB = 1 << 20;

    private static Engine engine;
    private static Docker docker;
    private static Path socket;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
        socket = docker.socket();
        docker.run(Rootfs.busybox(), "import", "-", "busybox:latest").ok();
    }

    @AfterEach
    void removeAll() {
        docker.run("ps", "-aq").out().lines().forEach(id -> docker.run("rm", "-f", id));
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    @Test
    void clientsThatLeaveASilentContainerAreMissedAtOnce() throws Exception {
        docker.ok("run", "-d", "--name", "silent", "busybox", "sleep", "1000");
        RawConnection.stream(socket, "GET /containers/silent/logs?follow=1&stdout=1")
                .close();
        long before = descriptors();
        List<RawConnection> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(RawConnection.stream(socket, "GET /containers/silent/logs?follow=1&stdout=1"));
            clients.add(RawConnection.stream(socket, "GET /events"));
            clients.add(RawConnection.stream(socket, "POST /containers/silent/wait"));
            clients.add(RawConnection.stream(socket, "GET /containers/silent/stats"));
            RawConnection attached = RawConnection.hijack(socket, "POST /containers/silent/attach?stream=1&stdout=1");
            attached.endOfInput(); // as the docker CLI does at once
            clients.add(attached);
        }
        assertThat(descriptors()).isGreaterThanOrEqualTo(before + clients.size());
        for (RawConnection client : clients) {
            client.close();
        }
        await(() -> descriptors() <= before);
        assertThat(engine.log()).doesNotContain("ERROR");
    }

    @Test
    void clientsThatDoNotReadHoldBackNobody() throws Exception {
        int megabytes = Integer.getInteger("capas.stream.megabytes", 100);
        String command =
                "dd if=/dev/zero bs=1M count=" + megabytes + " 2>/dev/null | tr '\\0' x | fold -w 99; echo; echo done";
        docker.ok("create", "--name", "loud", "--log-opt", "max-size=50m", "busybox", "sh", "-c", command);
        List<RawConnection> asleep = new ArrayList<>();
        long open = descriptors();
        for (int i = 0; i < 3; i++) {
            asleep.add(RawConnection.hijack(socket, "POST /containers/loud/attach?stream=1&stdout=1"));
            asleep.add(new RawConnection(socket, "GET /events", ""));
        }
        long before = memory();
        docker.ok("start", "loud");
        for (int i = 0; i < 3; i++) {
            asleep.add(RawConnection.stream(socket, "GET /containers/loud/logs?follow=1&stdout=1"));
            asleep.add(RawConnection.stream(socket, "GET /containers/loud/stats"));
            asleep.add(new RawConnection(socket, "GET /images/busybox/get", ""));
            asleep.add(new RawConnection(socket, "GET /containers/loud/export", ""));
        }
        assertThat(docker.ok("run", "--rm", "busybox", "echo", "beside")).isEqualTo("beside");
        assertThat(docker.ok("wait", "loud")).isEqualTo("0");
        assertThat(docker.ok("logs", "--tail", "1", "loud")).isEqualTo("done");
        assertThat(memory() - before).isLessThan(120 * MIB);
        docker.ok("rm", "-f", "loud");
        for (RawConnection client : asleep) {
            client.close();
        }
        await(() -> descriptors() <= open);
    }

    @Test
    void aCopyThatStallsLeavesItsContainerFree() throws Exception {
        String chunk = "Content-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n";
        for (String state : List.of("running", "stopped")) {
            docker.ok(
                    "run",
                    "-d",
                    "--name",
                    state,
                    "busybox",
                    "sh",
                    "-c",
                    "dd if=/dev/zero of=/big bs=1M count=4; sleep 1000");
            if (state.equals("stopped")) {
                docker.ok("stop", "-t", "0", state);
            }
            try (RawConnection in =
                            new RawConnection(socket, "PUT /containers/" + state + "/archive?path=/tmp", chunk);
                    RawConnection out =
                            RawConnection.stream(socket, "GET /containers/" + state + "/archive?path=/big")) {
                in.send("200\r\n" + "x".repeat(100)); // less than a header
                docker.ok("restart", "-t", "0", state);
                assertThat(docker.ok("exec", state, "echo", "here")).isEqualTo("here");
                docker.ok("rm", "-f", state);
                assertThat(docker.run("inspect", state).code()).isEqualTo(1);
            }
        }
    }

    @Test
    void aStoppedContainerShowsTheFilesThatItsStartMounts() throws Exception {
        Path file = Files.writeString(engine.directory().resolve("mounted"), "from outside");
        docker.ok("run", "--name", "shown", "--hostname", "told", "-v", file + ":/x:ro", "busybox", "true");
        assertThat(docker.ok("cp", "shown:/etc/hostname", "-")).contains("told\n");
        assertThat(docker.ok("cp", "shown:/x", "-")).startsWith("x\0").contains("from outside");
    }

    @Test
    void severalWait() throws Exception {
        docker.ok("create", "--name", "waited", "busybox", "sh", "-c", "sleep 0.5; exit 6");
        assertThat(waiting("not-running").get(10, TimeUnit.SECONDS)).contains("{\"StatusCode\":0}");
        List<CompletableFuture<String>> exits = new ArrayList<>(List.of(waiting("next-exit"), waiting("next-exit")));
        List<CompletableFuture<String>> removals = List.of(waiting("removed"), waiting("removed"));
        docker.ok("start", "waited");
        exits.add(waiting("not-running"));
        exits.add(waiting(""));
        for (CompletableFuture<String> exit : exits) {
            assertThat(exit.get(20, TimeUnit.SECONDS)).contains("{\"StatusCode\":6}");
        }
        assertThat(removals).noneMatch(CompletableFuture::isDone);
        docker.ok("rm", "waited");
        for (CompletableFuture<String> removal : removals) {
            assertThat(removal.get(20, TimeUnit.SECONDS)).contains("{\"StatusCode\":6}");
        }
    }

    private static CompletableFuture<String> waiting(String condition) throws Exception {
        RawConnection client = new RawConnection(
                socket, "POST /containers/waited/wait?condition=" + condition, "Connection: close\r\n");
        client.until("\r\n\r\n");
        return CompletableFuture.supplyAsync(
                () -> {
                    try (client) {
                        return client.rest();
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                Thread::startVirtualThread);
    }

    @Test
    void inputThatComesBeforeTheStart() throws Exception {
        docker.ok("create", "-i", "--name", "early", "busybox", "cat");
        try (RawConnection client =
                RawConnection.hijack(socket, "POST /containers/early/attach?stream=1&stdin=1&stdout=1&stderr=1")) {
            client.send("typed\n");
            client.endOfInput();
            docker.ok("start", "early");
            assertThat(client.rest()).isEqualTo("\1\0\0\0\0\0\0\6typed\n");
        }
        assertThat(docker.ok("wait", "early")).isEqualTo("0");
    }

    @Test
    void aFollowerHasAllThatAContainerWroteBeforeItWasRemoved() throws Exception {
        docker.ok(
                "run",
                "-d",
                "--name",
                "gone",
                "busybox",
                "sh",
                "-c",
                "i=0; while :; do echo $i; i=$((i+1)); usleep 20000; done");
        Process follower = docker.start("logs", "-f", "gone");
        Thread.sleep(500);
        docker.ok("rm", "-f", "gone");
        List<String> lines = new String(
                        follower.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(follower.waitFor()).isZero();
        assertThat(lines).hasSizeGreaterThan(5).isEqualTo(numbers(0, lines.size()));
    }

    @Test
    void logsAcrossRotatedFiles() throws Exception {
        for (String driver : List.of("json-file", "local")) {
            docker.ok(
                    "run",
                    "-d",
                    "--name",
                    driver,
                    "--log-driver",
                    driver,
                    "--log-opt",
                    "max-size=20k",
                    "--log-opt",
                    "max-file=3",
                    "busybox",
                    "sh",
                    "-c",
                    "i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i+1)); [ $((i % 100)) -gt 0 ] || usleep 60000; done");
            Process follower = docker.start("logs", "-f", driver);
            assertThat(docker.ok("wait", driver)).isEqualTo("0");
            assertThat(new String(follower.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                            .lines()
                            .toList())
                    .isEqualTo(numbers(0, 2000)); // a follower loses nothing to rotation
            List<String> kept = docker.ok("logs", driver).lines().toList();
            assertThat(kept).hasSizeBetween(600, 1900).isEqualTo(numbers(2000 - kept.size(), 2000));
            assertThat(docker.ok("logs", "--tail", "500", driver).lines().toList())
                    .isEqualTo(numbers(1500, 2000));
            List<String> stamped = docker.ok("logs", "-t", driver).lines().toList();
            String cut = stamped.get(stamped.size() - 500).split(" ")[0];
            assertThat(docker.ok("logs", "-t", "--since", cut, driver).lines().toList())
                    .isEqualTo(stamped.stream()
                            .filter(line -> line.split(" ")[0].compareTo(cut) >= 0)
                            .toList());
            assertThat(docker.ok("logs", "-t", "--until", cut, driver).lines().toList())
                    .isEqualTo(stamped.stream()
                            .filter(line -> line.split(" ")[0].compareTo(cut) <= 0)
                            .toList());
        }
        docker.ok("run", "--name", "none", "--log-driver", "none", "busybox", "echo", "unheard");
        assertThat(docker.run("logs", "none").err()).contains("configured logging driver does not support reading");
    }

    @Test
    void detailsOfALog() {
        docker.ok(
                "run",
                "--name",
                "detailed",
                "--log-opt",
                "labels=a,zz",
                "--log-opt",
                "labels-regex=^b",
                "--log-opt",
                "env=B,NONE",
                "--log-opt",
                "tag={{.Name}}/{{.ImageName}}",
                "-l",
                "a=x y",
                "-l",
                "bc=2",
                "-e",
                "B=1=2",
                "busybox",
                "echo",
                "hi");
        assertThat(docker.ok("logs", "--details", "detailed"))
                .isEqualTo("B=1%3D2,a=x+y,bc=2,tag=detailed%2Fbusybox hi");
    }

    @Test
    void websockets() throws Exception {
        docker.ok("run", "-di", "--name", "web", "busybox", "sh", "-c", "while read l; do echo got $l; done; echo bye");
        String handshake = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        String line = "GET /containers/web/attach/ws?stream=1&stdin=1&stdout=1&stderr=1";
        try (RawConnection client = new RawConnection(socket, line, handshake)) {
            assertThat(client.until("\r\n\r\n"))
                    .startsWith("HTTP/1.1 101")
                    .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"); // RFC 6455's own example
            client.send(frame(1, "text\n"));
            assertThat(client.until("\n")).isEqualTo("\u0082\u0009got text\n");
            client.send(frame(2, "bytes!\n"));
            assertThat(client.until("\n")).isEqualTo("\u0082\u000bgot bytes!\n");
            client.send(frame(9, "?"));
            assertThat(client.until("?")).isEqualTo("\u008a\u0001?");
            client.send(frame(8, "\u0003\u00e8"));
            assertThat(client.rest()).isEqualTo("\u0088\u0002\u0003\u00e8");
        }
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "web")).isEqualTo("running");
        try (RawConnection client = new RawConnection(socket, line, handshake)) {
            client.until("\r\n\r\n");
            docker.ok("kill", "web");
            assertThat(client.until("\u0003\u00e8")).isEqualTo("\u0088\u0002\u0003\u00e8");
        }
    }

    private static String frame(int opcode, String payload) {
        return "" + (char) (0x80 | opcode) + (char) (0x80 | payload.length()) + "\0\0\0\0" + payload;
    }

    @Test
    void signalsReachTheContainerWhereTheyAreToBePassedOn() throws Exception {
        docker.ok(
                "run",
                "-d",
                "--name",
                "trap",
                "busybox",
                "sh",
                "-c",
                "trap 'echo caught; exit 33' INT; while :; do usleep 20000; done");
        Process ignores = docker.start("attach", "--no-stdin", "--sig-proxy=false", "trap");
        Process passes = docker.start("attach", "--no-stdin", "trap");
        Thread.sleep(700);
        Command.run("kill", "-INT", Long.toString(ignores.pid())).ok();
        Thread.sleep(300);
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "trap")).isEqualTo("running");
        Command.run("kill", "-INT", Long.toString(passes.pid())).ok();
        assertThat(new String(passes.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("caught\n");
        assertThat(passes.waitFor()).isEqualTo(33);
        ignores.destroyForcibly();
    }

    @Test
    void terminals() throws Exception {
        try (Terminal run = docker.terminal("run", "-it", "--name", "tty", "busybox", "sh")) {
            run.expect("# ");
            run.type("stty size\r").expect("33 99");
            run.expect("# ");
            run.type("\20\21");
            assertThat(run.exitCode()).isZero();
        }
        try (Terminal attach = docker.terminal("attach", "--detach-keys", "ctrl-a,x", "tty")) {
            Thread.sleep(300);
            attach.type("\r").expect("# ");
            attach.type("\1y\r").expect("not found"); // half of the keys is input
            attach.expect("# ");
            attach.type("\1x").expect("read escape sequence");
        }
        try (Terminal exec = docker.terminal("exec", "-it", "--detach-keys", "a,b", "tty", "sh")) {
            exec.expect("# ");
            exec.type("ab").expect("read escape sequence");
        }
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "tty")).isEqualTo("running");
        try (Terminal attach = docker.terminal("attach", "tty")) {
            Thread.sleep(300);
            attach.type("exit 5\r");
            assertThat(attach.exitCode()).isEqualTo(5);
        }
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private static long descriptors() {
        return Command.run("ls", "/proc/" + engine.pid() + "/fd").out().lines().count();
    }

    /** Resident bytes of the engine that are its own. */
    private static long memory() throws Exception {
        return Files.readAllLines(Path.of("/proc/" + engine.pid() + "/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .sum();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.sleep(50);
        }
    }
}
