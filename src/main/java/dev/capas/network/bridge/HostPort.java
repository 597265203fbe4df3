package dev.capas.network.bridge;

import java.net.Inet6Address;
import java.net.InetAddress;

/** A port of the host. */
record HostPort(InetAddress address, int number, Protocol protocol) {
    boolean isIpv6() {
        return address instanceof Inet6Address;
    }

    /** Whether not both can be had. */
    boolean overlaps(HostPort other) {
        return number == other.number
                && protocol == other.protocol
                && isIpv6() == other.isIpv6()
                && (address.isAnyLocalAddress() || other.address.isAnyLocalAddress() || address.equals(other.address));
    }
}
