package dev.capas.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.api.HangUps;
import dev.capas.api.HangUps.Sign;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class SocketHangUpsTest {
    private final Semaphore told = new Semaphore(0);

    @TempDir
    Path directory;

    private SocketHangUps hangUps;
    private SocketChannel client;
    private SocketChannel connection;

    @BeforeEach
    void connect() throws Exception {
        hangUps = new SocketHangUps();
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            client = SocketChannel.open(address);
            connection = server.accept();
        }
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        connection.close();
        hangUps.destroy();
    }

    @Test
    void aClosedDirectionIsAnEndOfInput() throws Exception {
        try (HangUps.Watch watch = hangUps.watch(connection, Sign.END_OF_INPUT, told::release)) {
            client.write(java.nio.ByteBuffer.wrap(new byte[] {'x'})); // what is sent ahead is no sign of leaving
            assertThat(told.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
            client.shutdownOutput();
            assertThat(told.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            assertThat(told.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse(); // once
        }
    }

    @Test
    void aClosedDirectionIsNotClosed() throws Exception {
        try (HangUps.Watch watch = hangUps.watch(connection, Sign.CLOSED, told::release)) {
            client.shutdownOutput();
            assertThat(told.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
            client.close();
            assertThat(told.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void nobodyIsToldAfterTheWatch() throws Exception {
        long before = descriptors();
        hangUps.watch(connection, Sign.END_OF_INPUT, told::release).close();
        client.close();
        assertThat(told.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(descriptors()).isLessThanOrEqualTo(before);
    }

    private static long descriptors() throws Exception {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
