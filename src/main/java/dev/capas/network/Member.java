package dev.capas.network;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A running container in a network.
 *
 * @param endpointId 64 hexadecimal digits
 * @param name the container's
 * @param dnsNames by which others in the network find it, the one for reverse lookups first
 * @param ipv4 its address, with the length of the subnet's prefix; null where it has none
 * @param ipv6 the same
 */
public record Member(
        String endpointId,
        String containerId,
        String name,
        List<String> dnsNames,
        String macAddress,
        @Nullable Subnet ipv4,
        @Nullable Subnet ipv6) {
    /** Under another name. */
    Member renamed(String other, List<String> names) {
        return new Member(endpointId, containerId, other, names, macAddress, ipv4, ipv6);
    }
}
