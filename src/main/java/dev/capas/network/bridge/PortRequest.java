package dev.capas.network.bridge;

import java.net.InetAddress;
import java.util.List;

/**
 * A port of a container that is to be reached by a port of the host.
 *
 * @param hostAddresses where: one address, or several that get the same port ({@code 0.0.0.0} and {@code ::}); one of IPv6 reaches a
 *     container that has none too
 * @param firstHostPort the least that it may be; 0 for any that is free, of those that the kernel gives to connections
 *     ({@code ip_local_port_range}), one after the other
 * @param lastHostPort the greatest; the first free one is taken
 */
public record PortRequest(
        List<InetAddress> hostAddresses, int firstHostPort, int lastHostPort, int containerPort, Protocol protocol) {
    /** Copies the list. */
    public PortRequest {
        hostAddresses = List.copyOf(hostAddresses);
    }
}
