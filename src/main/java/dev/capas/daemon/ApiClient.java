package dev.capas.daemon;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Asks an engine by its API: one connection for each request, which HTTP/1.0 ends (RFC 1945), since Java's own client has no Unix sockets. */
final class ApiClient {
    private static final int PORT = 2375;
    private static final int LONGEST_LINE = 64 << 10;

    private final ListenAddress address;

    /**
     * A client of the engine there.
     *
     * @param host as DOCKER_HOST says it; null or empty for the default socket of Capas
     * @throws IllegalArgumentException if it is no address that this client can reach
     */
    ApiClient(@Nullable String host) {
        address = host == null || host.isEmpty()
                ? new ListenAddress.Unix(Place.here().socket())
                : parse(host);
    }

    private static ListenAddress parse(String host) {
        try {
            return ListenAddress.parse(host, PORT);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("cannot ask " + host + ": a unix:// or tcp:// address is needed", e);
        }
    }

    /**
     * What the engine said.
     *
     * @param status of HTTP
     * @param type of the body, in small letters; empty where there is none
     */
    record Reply(int status, String type, byte[] body) {
        boolean isFailure() {
            return status >= 400;
        }

        boolean isNotFound() {
            return status == 404;
        }

        boolean isText() {
            return type.startsWith("text/plain");
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /**
     * Sends a request without a body.
     *
     * @throws IOException if nobody answers there, or not to the end
     */
    Reply send(String method, ApiPath path, String accept) throws IOException {
        try (SocketChannel channel = connect()) {
            String host = address instanceof ListenAddress.Tcp tcp
                    ? tcp.toString().substring("tcp://".length())
                    : "localhost";
            String request = method + " " + path + " HTTP/1.0\r\nHost: " + host + "\r\nAccept: " + accept
                    + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return read(new BufferedInputStream(Channels.newInputStream(channel)));
        }
    }

    private SocketChannel connect() throws IOException {
        SocketAddress socket = switch (address) {
            case ListenAddress.Unix unix -> UnixDomainSocketAddress.of(unix.path());
            case ListenAddress.Tcp tcp -> new InetSocketAddress(tcp.host(), tcp.port());
        };
        try {
            return SocketChannel.open(socket);
        } catch (IOException | java.nio.channels.UnresolvedAddressException e) {
            throw new IOException(
                    "cannot connect to the engine at " + address + ": is it running? (" + e.getMessage() + ")", e);
        }
    }

    private static Reply read(InputStream in) throws IOException {
        String[] status = line(in).split(" ");
        if (status.length < 2 || !status[0].startsWith("HTTP/") || !status[1].matches("[0-9]{3}")) {
            throw new IOException("what answers there does not speak HTTP");
        }
        String type = "";
        int length = -1;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String value = line.substring(line.indexOf(':') + 1).strip();
            switch (line.substring(0, Math.max(0, line.indexOf(':'))).toLowerCase(Locale.ROOT)) {
                case "content-type" -> type = value.toLowerCase(Locale.ROOT);
                case "content-length" -> length = Integer.parseInt(value);
                default -> {
                    // says nothing to us
                }
            }
        }
        byte[] body = length < 0 ? in.readAllBytes() : in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the answer broke off");
        }
        return new Reply(Integer.parseInt(status[1]), type, body);
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0 || line.length() == LONGEST_LINE) {
                throw new EOFException("the answer broke off");
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }
}
