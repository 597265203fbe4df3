package dev.capas.network.bridge;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An address of an interface and the network that it lies in, for example {@code 172.17.0.2/16}.
 *
 * @param prefixLength how many leading bits name the network: 0 to 32, or to 128
 */
public record InterfaceAddress(InetAddress address, int prefixLength) {
    /** The network that it lies in: {@code 172.17.0.0/16}. */
    InterfaceAddress network() {
        byte[] bytes = address.getAddress();
        for (int bit = prefixLength; bit < 8 * bytes.length; bit++) {
            bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        try {
            return new InterfaceAddress(InetAddress.getByAddress(bytes), prefixLength);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As {@code ip} reads it: {@code 172.17.0.2/16}. */
    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefixLength;
    }
}
