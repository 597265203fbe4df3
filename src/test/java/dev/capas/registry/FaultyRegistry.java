package dev.capas.registry;

import dev.capas.oci.BlobDigest;
import dev.capas.oci.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A registry on loopback that does what registries and the networks before them do on bad days. */
public final class FaultyRegistry implements AutoCloseable {
    /** How clients have to say who they are. */
    public enum Authentication {
        NONE,
        BASIC,
        TOKEN
    }

    private static final String USER =
            Base64.getEncoder().encodeToString("anna:secret".getBytes(StandardCharsets.UTF_8));

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    private final Map<String, byte[]> content = new ConcurrentHashMap<>();
    private final Map<String, String> types = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile Authentication authentication = Authentication.NONE;
    private volatile int cutAfter = Integer.MAX_VALUE;
    private volatile boolean heedsRange = true;
    private volatile String tokenScope = "";

    public FaultyRegistry() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    /** Host and port, as in a reference. */
    public String host() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    /** Every request so far: method, path and, where there is one, the range. */
    public List<String> requests() {
        return requests;
    }

    /** The scope that a token was last asked for. */
    public String tokenScope() {
        return tokenScope;
    }

    public void require(Authentication how) {
        authentication = how;
    }

    /** Cuts the connection of every answer after so many bytes of its body. */
    public void cutAfter(int bytes) {
        cutAfter = bytes;
    }

    public void ignoreRanges() {
        heedsRange = false;
    }

    /** Answers the next requests for blobs with 503. */
    public void failNext(int count) {
        failures.set(count);
    }

    public BlobDigest blob(String repository, byte[] bytes) {
        BlobDigest digest = BlobDigest.of(Digest.ofContent(bytes));
        blob(repository, digest, bytes);
        return digest;
    }

    /** A blob under a digest of whatever algorithm, or one that is not what its digest says. */
    public void blob(String repository, BlobDigest digest, byte[] bytes) {
        content.put("/v2/" + repository + "/blobs/" + digest, bytes);
    }

    public Digest manifest(String repository, String tag, String mediaType, byte[] bytes) {
        Digest digest = Digest.ofContent(bytes);
        for (String name : List.of(tag, digest.toString())) {
            content.put("/v2/" + repository + "/manifests/" + name, bytes);
            types.put("/v2/" + repository + "/manifests/" + name, mediaType);
        }
        return digest;
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                InputStream in = new BufferedInputStream(client.getInputStream());
                OutputStream out = client.getOutputStream()) {
            String first = line(in);
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (String header = line(in); !header.isEmpty(); header = line(in)) {
                headers.put(header.substring(0, header.indexOf(':')), header.substring(header.indexOf(':') + 2));
            }
            if (first.startsWith("GET ")) {
                answer(first.split(" ")[1], headers, out);
            }
        } catch (IOException | RuntimeException e) {
            // the client sees a broken connection, which is what this server is for
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    private void answer(String path, Map<String, String> headers, OutputStream out) throws IOException {
        String range = headers.getOrDefault("Range", "");
        requests.add(("GET " + path + " " + range).strip());
        if (path.startsWith("/token")) {
            boolean known = ("Basic " + USER).equals(headers.get("Authorization"));
            tokenScope = path.replaceAll(".*scope=([^&]*).*", "$1");
            body(
                    out,
                    known ? "200 OK" : "401 Unauthorized",
                    "application/json",
                    "",
                    "{\"token\":\"t0k3n\"}".getBytes(StandardCharsets.UTF_8));
            return;
        }
        String challenge = challenge(headers.getOrDefault("Authorization", ""));
        if (!challenge.isEmpty()) {
            byte[] error = "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}"
                    .getBytes(StandardCharsets.UTF_8);
            body(out, "401 Unauthorized", "application/json", "WWW-Authenticate: " + challenge + "\r\n", error);
            return;
        }
        if (path.equals("/v2/")) {
            body(out, "200 OK", "application/json", "", "{}".getBytes(StandardCharsets.UTF_8));
            return;
        }
        byte[] bytes = content.get(path);
        if (bytes == null) {
            byte[] error = "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}"
                    .getBytes(StandardCharsets.UTF_8);
            body(out, "404 Not Found", "application/json", "", error);
        } else if (path.contains("/blobs/") && failures.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            body(out, "503 Service Unavailable", "text/plain", "", new byte[0]);
        } else {
            int from = heedsRange && range.startsWith("bytes=")
                    ? Integer.parseInt(range.substring(6, range.length() - 1))
                    : 0;
            byte[] part = java.util.Arrays.copyOfRange(bytes, from, bytes.length);
            String status = from > 0 ? "206 Partial Content" : "200 OK";
            body(out, status, types.getOrDefault(path, "application/octet-stream"), "", part);
        }
    }

    private String challenge(String authorization) {
        return switch (authentication) {
            case NONE -> "";
            case BASIC -> authorization.equals("Basic " + USER) ? "" : "Basic realm=\"registry\"";
            case TOKEN ->
                authorization.equals("Bearer t0k3n")
                        ? ""
                        : "Bearer realm=\"http://" + host() + "/token\",service=\"test\",scope=\"repository:a/b:pull\"";
        };
    }

    private void body(OutputStream out, String status, String type, String more, byte[] bytes) throws IOException {
        String head = "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + bytes.length
                + "\r\n" + more + "Connection: close\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(bytes, 0, type.equals("application/octet-stream") ? Math.min(bytes.length, cutAfter) : bytes.length);
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
