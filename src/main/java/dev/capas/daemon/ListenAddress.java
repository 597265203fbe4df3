package dev.capas.daemon;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Path;

/** Where the daemon listens, as {@code -H} says it. */
sealed interface ListenAddress {
    /** A socket in the file system. */
    record Unix(Path path) implements ListenAddress {
        @Override
        public String toString() {
            return "unix://" + path;
        }
    }

    /** A TCP port; with no host given, the one that dockerd takes: this machine only. */
    record Tcp(String host, int port) implements ListenAddress {
        boolean isLoopback() {
            try {
                return InetAddress.getByName(host).isLoopbackAddress();
            } catch (UnknownHostException e) {
                return false;
            }
        }

        @Override
        public String toString() {
            return "tcp://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * Reads {@code unix:///path}, {@code tcp://host:port} or a bare path or {@code host:port}.
     *
     * @param port where none is given: dockerd has one for TLS and one without
     * @throws IllegalArgumentException if it is something else, in dockerd's words where it has some
     */
    static ListenAddress parse(String text, int port) {
        int scheme = text.indexOf("://");
        if (scheme < 0) {
            return text.startsWith("/") ? unix(text, text) : tcp(text, text, port);
        }
        String rest = text.substring(scheme + "://".length());
        return switch (text.substring(0, scheme)) {
            case "unix" -> unix(text, rest);
            case "tcp" -> tcp(text, rest, port);
            case "fd" ->
                throw invalid(
                        text,
                        "this engine takes no sockets from systemd; disable the socket unit and use -H unix:///path");
            case String other -> throw invalid(text, "unsupported proto '" + other + "'");
        };
    }

    private static Unix unix(String text, String path) {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw invalid(text, "a socket needs an absolute path");
        }
        return new Unix(Path.of(path).normalize());
    }

    private static Tcp tcp(String text, String address, int defaultPort) {
        URI uri;
        try {
            uri = new URI("tcp://" + (address.isEmpty() || address.startsWith(":") ? "127.0.0.1" + address : address));
        } catch (URISyntaxException e) {
            throw invalid(text, e.getMessage());
        }
        if (!uri.getRawPath().isEmpty() || uri.getRawQuery() != null) {
            throw invalid(text, "should not contain a path element");
        }
        String host = uri.getHost();
        if (host == null || uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
            throw invalid(text, "should be in the format tcp://host:port");
        }
        int port = uri.getPort() < 0 ? defaultPort : uri.getPort();
        if (port == 0 || port > 65535) {
            throw invalid(text, "invalid port: " + port);
        }
        return new Tcp(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
    }

    private static IllegalArgumentException invalid(String text, String reason) {
        return new IllegalArgumentException("invalid bind address (" + text + "): " + reason);
    }
}
