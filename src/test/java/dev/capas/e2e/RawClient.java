package dev.capas.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** One HTTP/1.1 connection over a Unix socket that sends exactly the bytes it is given. */
public final class RawClient implements AutoCloseable {
    private final SocketChannel channel;
    private final InputStream in;
    private final OutputStream out;

    /** An answer; the names of its headers are in lower case. */
    public record Answer(int status, Map<String, String> headers, byte[] content) {
        /** The body as text. */
        public String body() {
            return new String(content, StandardCharsets.UTF_8);
        }
    }

    /** Connects to a Unix socket. */
    public RawClient(Path socket) throws IOException {
        this(UnixDomainSocketAddress.of(socket));
    }

    /** Connects. */
    public RawClient(SocketAddress address) throws IOException {
        channel = SocketChannel.open(address);
        in = Channels.newInputStream(channel);
        out = Channels.newOutputStream(channel);
    }

    /** Sends a request line, header lines and a body. */
    public static Answer send(Path socket, String line, String headers, String body) throws IOException {
        return send(UnixDomainSocketAddress.of(socket), line, headers, body);
    }

    /** Sends a request line, header lines and a body. */
    public static Answer send(SocketAddress address, String line, String headers, String body) throws IOException {
        try (RawClient client = new RawClient(address)) {
            String host = headers.contains("Host:") ? "" : "Host: docker\r\n";
            String length =
                    body.isEmpty() ? "" : "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n";
            client.write(line + " HTTP/1.1\r\n" + host + headers + length + "\r\n" + body);
            return client.answer(line.startsWith("HEAD"));
        }
    }

    /** Sends a GET without a body. */
    public static Answer get(Path socket, String target) throws IOException {
        return send(socket, "GET " + target, "", "");
    }

    /** Sends text as UTF-8. */
    public void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends bytes. */
    public void write(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    /** Says that nothing more will be sent. */
    public void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** Reads the status line and the headers. */
    public Answer head() throws IOException {
        String status = line();
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Answer(Integer.parseInt(status.split(" ")[1]), headers, new byte[0]);
    }

    /** Reads a whole answer; one to a HEAD has no body. */
    public Answer answer(boolean noBody) throws IOException {
        Answer head = head();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (noBody || head.status == 204 || head.status == 304) {
            return head;
        } else if (head.headers.containsKey("content-length")) {
            body.write(in.readNBytes(Integer.parseInt(head.headers.get("content-length"))));
        } else if ("chunked".equals(head.headers.get("transfer-encoding"))) {
            for (byte[] chunk = chunk(); chunk.length > 0; chunk = chunk()) {
                body.write(chunk);
            }
        } else {
            body.write(in.readAllBytes());
        }
        return new Answer(head.status, head.headers, body.toByteArray());
    }

    /** Reads one chunk of a chunked body; the last one is empty. */
    public byte[] chunk() throws IOException {
        byte[] chunk = in.readNBytes(Integer.parseInt(line(), 16));
        line();
        return chunk;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the connection was closed");
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
