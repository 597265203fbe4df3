package dev.capas.answers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.e2e.Engine;
import dev.capas.e2e.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client sends: an answer as dockerd gives it, no word of what is within, and an engine that serves on. */
class BadInputIT {
    private static Engine engine;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    @AfterEach
    void servesOn() throws IOException {
        assertThat(RawClient.get(socket(), "/_ping").status()).isEqualTo(200);
        assertThat(engine.log()).doesNotContain("Unexpected failure");
    }

    private static Path socket() {
        return engine.docker().socket();
    }

    /** A refusal where dockerd sees a fault of its own is as good. */
    @Test
    void isRefusedAsByDockerd() throws Exception {
        Map<String, String> recorded = BadInput.recorded();
        KnownDifferences known = KnownDifferences.of("bad-input");
        List<String> different = new ArrayList<>();
        Map<String, String> statuses = BadInput.statuses(socket());
        for (Step step : BadInput.steps()) {
            if (BadInput.isOwn(step)) {
                continue;
            }
            String here = Objects.requireNonNull(statuses.get(step.name()));
            String there = Objects.requireNonNull(recorded.get(step.name()));
            boolean same = here.equals(there) || there.equals("500") && here.equals("400");
            if (!same && !known.has(step, "status")) {
                different.add(there + " / " + here + " | " + step.name());
            }
        }
        assertThat(statuses).hasSizeGreaterThan(2000);
        assertThat(BadInput.steps().stream().filter(BadInput::isOwn).map(Step::name))
                .hasSizeGreaterThan(200)
                .allSatisfy(name -> assertThat(statuses.get(name)).isNotNull().doesNotStartWith("5"));
        assertThat(different).as("dockerd / here").isEmpty();
        assertThat(known.unmet()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET",
                "GET /_ping HTTP/9.9",
                "GET /_ping HTTP/1.1\r\nno colon",
                "GET /_ping HTTP/1.1\r\nContent-Length: x",
                "GET /_ping HTTP/1.1\r\nContent-Length: -1",
                "POST /v1.51/images/load HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                "POST /v1.51/images/load HTTP/1.1\r\nTransfer-Encoding: gzip, nonsense",
                "GET /containers/%zz/json HTTP/1.1",
                "GET /containers/a%2/json HTTP/1.1",
                "GET /containers/json?filters=%zz HTTP/1.1",
                "GET /containers/\u0001/json HTTP/1.1",
                "\u0016\u0003\u0001\u0002",
                "PRI * HTTP/2.0"
            })
    void isNoRequest(String text) throws Exception {
        RawClient.Answer answer = within(() -> {
            try (RawClient client = new RawClient(socket())) {
                client.write(text + "\r\n\r\n");
                client.endOutput();
                return client.answer(false);
            }
        });
        assertThat(answer.status()).isNotEqualTo(500);
        assertThat(answer.body())
                .doesNotContain("<html")
                .doesNotContain("Exception")
                .doesNotContain("\tat ");
    }

    @Test
    void hasHeadersWithoutEnd() throws Exception {
        boolean ended = within(() -> {
            RawClient client = new RawClient(socket());
            try {
                client.write("GET /_ping HTTP/1.1\r\nX: " + "x".repeat(2 << 20));
            } catch (IOException e) {
                // refused before all of it was sent
            }
            return endOf(client);
        });
        assertThat(ended).isTrue();
    }

    @Test
    void hasOneHundredMegabytesOfJson() throws Exception {
        RawClient.Answer answer = within(() -> {
            try (RawClient client = new RawClient(socket())) {
                client.write(
                        "POST /v1.51/containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: "
                                + (100L << 20) + "\r\n\r\n{\"Image\":\"");
                byte[] part = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
                try {
                    for (int i = 0; i < 100; i++) {
                        client.write(part);
                    }
                } catch (IOException e) {
                    // refused before all of it was sent
                }
                return client.answer(false);
            }
        });
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("message");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text/plain",
                "application/x-www-form-urlencoded",
                "application/",
                "multipart/form-data; boundary=x"
            })
    void saysThatItIsSomethingElse(String type) throws Exception {
        RawClient.Answer answer = RawClient.send(
                socket(),
                "POST /v1.51/containers/create",
                type.isEmpty() ? "" : "Content-Type: " + type + "\r\n",
                "{}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("Content-Type header");
    }

    /** A client may stall, leave in the middle, or close one half, on any route that reads; nothing waits for it but its own request. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1.51/containers/create",
                "POST /v1.51/images/load",
                "POST /v1.51/images/create?fromSrc=-&repo=api-half",
                "POST /v1.51/commit?container=api-none",
                "POST /v1.51/auth"
            })
    void comesToAHaltInItsMiddle(String line) throws Exception {
        String head = line
                + " HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"Image\":";
        List<RawClient> stalled = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                RawClient client = new RawClient(socket());
                client.write(head);
                stalled.add(client);
            }
            assertThat(within(() ->
                            RawClient.get(socket(), "/v1.51/containers/json").status()))
                    .isEqualTo(200);
            RawClient half = stalled.removeFirst();
            half.endOutput();
            assertThat(within(() -> endOf(half))).isTrue();
        } finally {
            for (RawClient client : stalled) {
                client.close();
            }
        }
        assertThat(engine.docker().run("images", "-aq").ok()).isEmpty();
    }

    /** Whether the engine ends a connection, with an answer or without. */
    private static boolean endOf(RawClient client) throws IOException {
        try (client) {
            RawClient.Answer answer = client.answer(false);
            return answer.status() >= 200 && !answer.body().contains("Exception");
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void isABodyWithoutEndThatNobodyReads() throws Exception {
        RawClient.Answer answer = within(() -> {
            try (RawClient client = new RawClient(socket())) {
                client.write("POST /v1.51/nonsense HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n");
                String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
                try {
                    for (int i = 0; i < 1000; i++) {
                        client.write(chunk);
                    }
                } catch (IOException e) {
                    // the answer was given and the connection closed
                }
                return client.answer(false);
            }
        });
        assertThat(answer.status()).isEqualTo(404);
    }

    private interface Talk<T> {
        T get() throws Exception;
    }

    private static <T> T within(Talk<T> talk) throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<T> future = executor.submit(talk::get);
            try {
                return future.get(30, TimeUnit.SECONDS);
            } finally {
                future.cancel(true);
            }
        }
    }
}
