package dev.capas.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What a command prints, and its exit status, for the answers that an engine may give. */
class ApiCommandTest {
    @Command(name = "ask")
    private static final class Ask extends ApiCommand {
        @Parameters
        private String name = "";

        @Override
        ApiPath path() {
            return ApiPath.of("images", name, "files")
                    .with("path", "/a b&c")
                    .with("none", null)
                    .with("off", false)
                    .with("on", true)
                    .with("image", List.of("x", "y"));
        }
    }

    private record Outcome(int status, String out, String err) {}

    private HttpServer server;
    private volatile int status = 200;
    private volatile String type = "text/plain;charset=utf-8";
    private volatile String body = "ID   SIZE\n";
    private volatile String asked = "";
    private volatile String accepted = "";

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked = exchange.getRequestURI().toASCIIString();
            accepted = exchange.getRequestHeaders().getFirst("Accept");
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Outcome ask(String... more) {
        return askAt("tcp://127.0.0.1:" + server.getAddress().getPort(), more);
    }

    private static Outcome askAt(String host, String... more) {
        var out = new ByteArrayOutputStream();
        var err = new StringWriter();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out));
        try {
            int code = Capas.commandLine(new Ask())
                    .setErr(new PrintWriter(err, true))
                    .execute(java.util.stream.Stream.concat(
                                    List.of("-H", host, "a/b:1").stream(), List.of(more).stream())
                            .toArray(String[]::new));
            return new Outcome(code, out.toString(StandardCharsets.UTF_8), err.toString());
        } finally {
            System.setOut(before);
        }
    }

    @Test
    void printsTheTable() {
        body = "ID   SIZE\né   1kB\n";
        assertThat(ask()).isEqualTo(new Outcome(0, body, ""));
        assertThat(asked).isEqualTo("/images/a%2Fb%3A1/files?path=%2Fa%20b%26c&on=true&image=x&image=y");
        assertThat(accepted).isEqualTo("text/plain");
    }

    @Test
    void asksForJson() {
        body = "[]\n";
        type = "application/json";
        assertThat(ask("--json")).isEqualTo(new Outcome(0, body, ""));
        assertThat(accepted).isEqualTo("application/json");
    }

    @Test
    void tellsOfAFailureInTheEnginesWords() {
        status = 404;
        type = "application/json";
        body = "{\"message\":\"No such image: x\"}\n";
        assertThat(ask()).isEqualTo(new Outcome(1, "", "ask: No such image: x\n"));
    }

    @Test
    void aFailureThatIsATableIsPrinted() {
        status = 422;
        assertThat(ask()).isEqualTo(new Outcome(1, body, ""));
    }

    @Test
    void saysWhereNobodyAnswers(@TempDir Path directory) {
        Outcome outcome = askAt("unix://" + directory + "/none");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .startsWith("ask: cannot connect to the engine at unix://" + directory + "/none: is it running?");
        assertThat(askAt("ssh://host").err())
                .isEqualTo("ask: cannot ask ssh://host: a unix:// or tcp:// address is needed\n");
    }

    @Test
    void halfAnAnswerIsAFailure(@TempDir Path directory) throws IOException {
        Path socket = directory.resolve("socket");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            Thread.startVirtualThread(() -> answer(listening, "HTTP/1.1 200 \r\nContent-Length: 10\r\n\r\nhalf"));
            assertThat(askAt("unix://" + socket)).isEqualTo(new Outcome(1, "", "ask: the answer broke off\n"));
        }
    }

    private static void answer(ServerSocketChannel listening, String text) {
        try (SocketChannel client = listening.accept()) {
            client.read(ByteBuffer.allocate(4096));
            client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
