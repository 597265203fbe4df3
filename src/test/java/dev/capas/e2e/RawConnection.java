package dev.capas.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A client of the engine's socket that sends and reads bytes as it likes, or does not read at all. */
final class RawConnection implements AutoCloseable {
    private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: tcp\r\n";

    private final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);

    /** Connects and sends the head of a request without a body. */
    RawConnection(Path socket, String line, String headers) throws IOException {
        channel.connect(UnixDomainSocketAddress.of(socket));
        send(line.replaceFirst(" /", " /v1.51/") + " HTTP/1.1\r\nHost: docker\r\n" + headers + "\r\n");
    }

    /** Asks for a stream and waits until its answer begins. */
    static RawConnection stream(Path socket, String line) throws IOException {
        RawConnection connection = new RawConnection(socket, line, "");
        connection.until("\r\n\r\n");
        return connection;
    }

    /** Has the connection taken over. */
    static RawConnection hijack(Path socket, String line) throws IOException {
        RawConnection connection = new RawConnection(socket, line, UPGRADE);
        connection.until("\r\n\r\n");
        return connection;
    }

    void send(String bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes.getBytes(ISO_8859_1));
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Reads byte by byte up to and with this text. */
    String until(String end) throws IOException {
        StringBuilder read = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (!read.toString().endsWith(end)) {
            if (channel.read(one.clear()) < 0) {
                throw new AssertionError("no \"" + end + "\" but the end after: " + read);
            }
            read.append((char) (one.get(0) & 0xff));
        }
        return read.toString();
    }

    /** Reads to the end. */
    String rest() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        java.nio.channels.Channels.newInputStream(channel).transferTo(all);
        return all.toString(ISO_8859_1);
    }

    /** Says that nothing more will be sent. */
    void endOfInput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
