package dev.capas.network.bridge;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * What the kernel does with packets to a published port: both addresses are of one family.
 *
 * @param published where it is published
 * @param container the address of the container in the network
 */
record Translation(PublishedPort published, InetAddress container) {
    /** The name of the map in {@link Rules} that it is an element of. */
    String map() {
        return (published.hostAddress().isAnyLocalAddress() ? "any" : "address") + (isIpv6() ? "6" : "4");
    }

    /** The key of the element. */
    String key() {
        String port = published.protocol() + " . " + published.hostPort();
        return published.hostAddress().isAnyLocalAddress()
                ? port
                : published.hostAddress().getHostAddress() + " . " + port;
    }

    /** The element. */
    String element() {
        return key() + " : " + container.getHostAddress() + " . " + published.containerPort();
    }

    private boolean isIpv6() {
        return published.hostAddress() instanceof Inet6Address;
    }
}
