package dev.capas.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The proxies that {@code HTTP_PROXY}, {@code HTTPS_PROXY} and {@code NO_PROXY} name, in capitals or small, read as Go's
 * {@code httpproxy} does: this machine is never asked by way of a proxy. Java by itself reads none of them.
 */
final class EnvironmentProxies extends ProxySelector {
    private final Map<String, String> environment;

    EnvironmentProxies(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public List<Proxy> select(URI uri) {
        String host = uri.getHost().toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", "");
        String proxy = variable(uri.getScheme().equals("https") ? "HTTPS_PROXY" : "HTTP_PROXY");
        return proxy.isEmpty() || isDirect(host, uri.getPort()) ? List.of(Proxy.NO_PROXY) : List.of(proxy(proxy));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // the request tells of it
    }

    private String variable(String name) {
        String small = environment.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        return environment.getOrDefault(name, small).strip();
    }

    private static Proxy proxy(String text) {
        URI uri = URI.create(text.contains("://") ? text : "http://" + text);
        int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
        return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(uri.getHost(), port));
    }

    private boolean isDirect(String host, int port) {
        Optional<InetAddress> address = literal(host);
        if (host.equals("localhost")
                || address.filter(InetAddress::isLoopbackAddress).isPresent()) {
            return true;
        }
        return Arrays.stream(variable("NO_PROXY").split(","))
                .map(pattern -> pattern.strip().toLowerCase(Locale.ROOT))
                .anyMatch(pattern -> matches(pattern, host, port, address));
    }

    /** A name stands for itself and what is below it, with a dot before it for that alone; a network for its addresses. */
    private static boolean matches(String pattern, String host, int port, Optional<InetAddress> address) {
        if (pattern.isEmpty() || pattern.equals("*")) {
            return !pattern.isEmpty();
        }
        if (pattern.contains("/")) {
            return address.filter(one -> RegistrySettings.isIn(one.getAddress(), pattern))
                    .isPresent();
        }
        String name = pattern.replaceFirst("^\\*\\.", ".");
        int colon = name.lastIndexOf(':');
        if (colon > 0 && colon == name.indexOf(':')) {
            if (!name.substring(colon + 1).equals(Integer.toString(port))) {
                return false;
            }
            name = name.substring(0, colon);
        }
        return name.startsWith(".") ? host.endsWith(name) : host.equals(name) || host.endsWith("." + name);
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
