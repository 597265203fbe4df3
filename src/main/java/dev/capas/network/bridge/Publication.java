package dev.capas.network.bridge;

import dev.capas.linux.Fd;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a published port leads to a container.
 *
 * @param translation what the kernel does, or null where the container has no address of the port's family
 * @param relay what the daemon does, or null where the kernel does all
 */
record Publication(
        PublishedPort port,
        @Nullable Translation translation,
        @Nullable Relay relay) {
    /** Begins what is not the kernel's. */
    static Publication start(HostPort host, Fd socket, int containerPort, Endpoint endpoint) throws IOException {
        PublishedPort port = new PublishedPort(host.address(), host.number(), containerPort, host.protocol());
        Optional<InetAddress> same = address(endpoint, host.isIpv6());
        Translation translation =
                same.map(address -> new Translation(port, address)).orElse(null);
        boolean loopback = host.address().isAnyLocalAddress() || host.address().isLoopbackAddress();
        Relay relay = null;
        if (host.isIpv6() && (translation == null || loopback)) {
            Optional<InetAddress> target = same.or(() -> address(endpoint, false));
            if (target.isPresent()) {
                relay = Relay.start(socket, host.protocol(), new InetSocketAddress(target.get(), containerPort));
            }
        }
        return new Publication(port, translation, relay);
    }

    private static Optional<InetAddress> address(Endpoint endpoint, boolean six) {
        return endpoint.addresses().stream()
                .map(InterfaceAddress::address)
                .filter(address -> address instanceof Inet6Address == six)
                .findFirst();
    }

    static List<Translation> translations(List<Publication> publications) {
        return publications.stream()
                .flatMap(publication -> Optional.ofNullable(publication.translation).stream())
                .toList();
    }

    void stopRelay() {
        if (relay != null) {
            relay.close();
        }
    }
}
