package dev.capas.network.bridge;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What names mean within the networks of one container, at the moment of the question. Called by many threads; neither waits nor
 * throws.
 */
public interface Names {
    /**
     * The addresses of a name, of both families, always in the same order: whose turn it is, is the resolver's matter.
     *
     * @param name without the final dot, in small letters: a container's name, alias or short ID, perhaps with {@code .<network>}
     * @return empty where the name means nothing here; it is then asked of the servers outside
     */
    List<InetAddress> lookup(String name);

    /** The name of whoever has an address in one of the networks, with its network, {@code web.app_default}; without a final dot. */
    Optional<String> reverse(InetAddress address);
}
