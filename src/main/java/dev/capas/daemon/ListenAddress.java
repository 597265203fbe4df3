package dev.capas.daemon;

import java.net.InetAddress;
import java.net.URI;
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
     * @throws IllegalArgumentException if it is something else, in dockerd's words
     */
    static ListenAddress parse(String text) {
        if (text.startsWith("unix://")) {
            return unix(text, text.substring("unix://".length()));
        } else if (text.startsWith("/")) {
            return unix(text, text);
        } else if (text.startsWith("tcp://")) {
            return tcp(text, text.substring("tcp://".length()));
        } else if (text.contains("://")) {
            throw new IllegalArgumentException("invalid bind address (" + text + "): unsupported proto");
        }
        return tcp(text, text);
    }

    private static Unix unix(String text, String path) {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("invalid bind address (" + text + "): a socket needs an absolute path");
        }
        return new Unix(Path.of(path).normalize());
    }

    private static Tcp tcp(String text, String address) {
        try {
            URI uri = URI.create("tcp://" + (address.startsWith(":") ? "127.0.0.1" + address : address));
            String host = uri.getHost();
            boolean bare = (uri.getPath() == null || uri.getPath().isEmpty()) && uri.getQuery() == null;
            if (host == null || !bare || uri.getPort() < 0 || uri.getPort() > 65535) {
                throw new IllegalArgumentException(
                        "invalid bind address (" + text + "): should be in the format tcp://host:port");
            }
            return new Tcp(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, uri.getPort());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("invalid bind address (" + text + "): " + e.getMessage(), e);
        }
    }
}
