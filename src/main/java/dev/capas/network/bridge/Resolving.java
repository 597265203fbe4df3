package dev.capas.network.bridge;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * How a container resolves names at {@code 127.0.0.11}, port 53 of UDP and TCP.
 *
 * @param servers who is asked what the networks do not know, in this order; empty where nothing gets out
 */
public record Resolving(Names names, List<Server> servers) {
    /** Copies the list. */
    public Resolving {
        servers = List.copyOf(servers);
    }

    /**
     * A DNS server outside.
     *
     * @param fromHost whether it is asked from the host's network namespace (what the host's resolv.conf names) or from the
     *     container's (what the container was told by {@code --dns})
     */
    public record Server(InetSocketAddress address, boolean fromHost) {}
}
