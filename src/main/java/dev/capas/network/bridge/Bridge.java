package dev.capas.network.bridge;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A bridge of the host, which is what a network is in the kernel.
 *
 * @param networkId the network's 64 hexadecimal digits
 * @param link the name of the interface, at most 15 bytes: {@code br-} and twelve digits, or what the client or daemon.json chose
 * @param gateways the bridge's own addresses: one of IPv4, of IPv6, or one of each
 * @param internal whether nothing gets out of it or into it but the host itself
 * @param interContainer whether containers on it reach each other
 * @param masquerade whether what leaves it towards other networks carries an address of the host
 * @param mtu in bytes; 0 for the kernel's choice
 * @param source the address of the host that IPv4 traffic leaves with where it masquerades, or null for that of the interface it takes
 */
public record Bridge(
        String networkId,
        String link,
        List<InterfaceAddress> gateways,
        boolean internal,
        boolean interContainer,
        boolean masquerade,
        int mtu,
        @Nullable Inet4Address source) {
    /** Copies the list. */
    public Bridge {
        gateways = List.copyOf(gateways);
    }

    boolean hasIpv6() {
        return gateways.stream().anyMatch(gateway -> gateway.address() instanceof Inet6Address);
    }
}
