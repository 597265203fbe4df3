package dev.capas.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.container.ClientConnection;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;

/** Tomcat as the engine runs it, and clients that speak to its sockets byte by byte. */
@Timeout(60)
class HijackTest {
    enum Transport {
        UNIX,
        TCP
    }

    private static final String UPGRADE = "POST /x HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n";

    @TempDir
    Path directory;

    private final CountDownLatch watchEnded = new CountDownLatch(1);
    private final AtomicReference<Runnable> hangUp = new AtomicReference<>();
    private final HangUps hangUps = (connection, sign, left) -> {
        assertThat(connection.isConnected()).isTrue();
        assertThat(sign).isEqualTo(HangUps.Sign.CLOSED);
        hangUp.set(left);
        return watchEnded::countDown;
    };

    private TomcatWebServer server;
    private Connector connector;
    private SocketAddress address;

    @AfterEach
    void stop() {
        server.stop();
        server.destroy();
    }

    @ParameterizedTest
    @EnumSource
    void theAnswerGoesOutBeforeAnythingElse(Transport transport) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        start(transport, connection -> {
            await(go);
            write(connection, "late");
        });
        try (SocketChannel client = send(UPGRADE + "Content-Length: 0\r\n\r\n")) {
            String head = "HTTP/1.1 101 UPGRADED\r\nContent-Type: " + Hijack.MULTIPLEXED_STREAM
                    + "\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
            assertThat(read(client, head.length())).isEqualTo(head);
            go.countDown();
            assertThat(rest(client)).isEqualTo("late");
        }
        assertNoConnectionIsLeft();
    }

    @ParameterizedTest
    @EnumSource
    void withoutAnUpgradeTheBodyIsNeitherChunkedNorSized(Transport transport) throws Exception {
        start(transport, connection -> write(connection, "body"));
        try (SocketChannel client = send("POST /x HTTP/1.1\r\nHost: d\r\n\r\n")) {
            assertThat(rest(client))
                    .isEqualTo("HTTP/1.1 200 OK\r\nContent-Type: " + Hijack.RAW_STREAM + "\r\n\r\nbody");
        }
        assertNoConnectionIsLeft();
    }

    @ParameterizedTest
    @EnumSource
    void outputGoesOnAfterTheClientHasClosedItsDirection(Transport transport) throws Exception {
        start(transport, connection -> {
            try {
                long count = connection.input().transferTo(java.io.OutputStream.nullOutputStream());
                Thread.sleep(Duration.ofMillis(200));
                write(connection, "x".repeat(100_000) + count);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        byte[] megabytes = new byte[3_000_000];
        try (SocketChannel client = send(UPGRADE + "\r\n")) {
            Channels.newOutputStream(client).write(megabytes);
            client.shutdownOutput();
            assertThat(rest(client)).endsWith("xxx3000000").hasSizeGreaterThan(100_000);
        }
        assertNoConnectionIsLeft();
    }

    @ParameterizedTest
    @EnumSource
    void whatFollowsTheBodyOfTheRequestIsInput(Transport transport) throws Exception {
        start(transport, connection -> {
            try {
                write(connection, new String(connection.input().readAllBytes(), ISO_8859_1));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try (SocketChannel client = send(UPGRADE + "Content-Length: 17\r\n\r\n{\"Detach\": false}typed at once")) {
            client.shutdownOutput();
            assertThat(rest(client)).endsWith("\r\n\r\ntyped at once");
        }
        assertNoConnectionIsLeft();
    }

    @ParameterizedTest
    @EnumSource
    void closingEndsAReadThatWaits(Transport transport) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        start(transport, connection -> {
            Thread.ofVirtual().start(() -> {
                try {
                    if (connection.input().read() < 0) {
                        ended.countDown();
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            write(connection, "bye");
            sleep(200);
        });
        try (SocketChannel client = send(UPGRADE + "\r\n")) {
            assertThat(rest(client)).endsWith("bye");
            assertThat(ended.await(5, TimeUnit.SECONDS)).isTrue();
        }
        assertNoConnectionIsLeft();
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesEndsTheSession(Transport transport) throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        start(transport, connection -> {
            try {
                while (true) {
                    connection.output().write(new byte[100_000]);
                }
            } catch (IOException e) {
                failed.countDown();
            }
        });
        try (SocketChannel client = send(UPGRADE + "\r\n")) {
            assertThat(read(client, 1_000)).hasSize(1_000); // the session writes
            sleep(200); // until the buffers are full
        }
        assertThat(failed.await(5, TimeUnit.SECONDS)).isTrue();
        assertNoConnectionIsLeft();
    }

    @ParameterizedTest
    @EnumSource
    void aSessionThatHasNothingToSayHearsOfTheHangUp(Transport transport) throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        start(transport, connection -> {
            connection.whenLeft(told::countDown);
            write(connection, "watched");
            await(told);
        });
        try (SocketChannel client = send(UPGRADE + "\r\n")) {
            assertThat(read(client, 124)).endsWith("watched");
            hangUp.get().run();
            assertThat(rest(client)).isEmpty();
        }
        assertThat(watchEnded.await(5, TimeUnit.SECONDS)).isTrue();
        assertNoConnectionIsLeft();
    }

    private void start(Transport transport, Consumer<ClientConnection> session) {
        TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(0);
        new HijackValve(hangUps).customize(factory);
        factory.setBaseDirectory(directory.toFile());
        Path socket = directory.resolve("s");
        factory.addConnectorCustomizers(it -> {
            connector = it;
            if (transport == Transport.UNIX) {
                it.setProperty("unixDomainSocketPath", socket.toString());
            }
        });
        server = (TomcatWebServer) factory.getWebServer(context -> context.addServlet("x", new HttpServlet() {
                    @Override
                    protected void service(HttpServletRequest request, HttpServletResponse response)
                            throws IOException {
                        request.getInputStream().readAllBytes();
                        Hijack.take(request, Hijack.MULTIPLEXED_STREAM, "", session);
                    }
                })
                .addMapping("/*"));
        server.start();
        address = transport == Transport.UNIX
                ? UnixDomainSocketAddress.of(socket)
                : new InetSocketAddress("127.0.0.1", connector.getLocalPort());
    }

    private SocketChannel send(String request) throws IOException {
        SocketChannel client = SocketChannel.open(address);
        client.write(ByteBuffer.wrap(request.getBytes(ISO_8859_1)));
        return client;
    }

    private static String read(SocketChannel client, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && client.read(bytes) >= 0) {}
        return new String(bytes.array(), 0, bytes.position(), ISO_8859_1);
    }

    private static String rest(SocketChannel client) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Channels.newInputStream(client).transferTo(all);
        return all.toString(ISO_8859_1);
    }

    private static void write(ClientConnection connection, String text) {
        try {
            connection.output().write(text.getBytes(ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertNoConnectionIsLeft() {
        AbstractProtocol<?> protocol = (AbstractProtocol<?>) connector.getProtocolHandler();
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (protocol.getConnectionCount() > 1
                && System.nanoTime() < deadline) { // the one that accept() waits for counts
            sleep(10);
        }
        assertThat(protocol.getConnectionCount()).isLessThanOrEqualTo(1);
    }
}
