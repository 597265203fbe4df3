package dev.capas.network.bridge;

import java.net.InetAddress;

/**
 * An address of an interface and the network that it lies in, for example {@code 172.17.0.2/16}.
 *
 * @param prefixLength how many leading bits name the network: 0 to 32, or to 128
 */
public record InterfaceAddress(InetAddress address, int prefixLength) {
    /** As {@code ip} reads it: {@code 172.17.0.2/16}. */
    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefixLength;
    }
}
