package dev.capas.network.bridge;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/**
 * The interface by which a container is on a bridge.
 *
 * @param id 64 hexadecimal digits
 * @param interfaceName its name in the container, for example {@code eth0}
 * @param addresses with the prefix lengths of the network's subnets
 * @param macAddress in the form {@code 02:42:ac:11:00:02}
 * @param defaultRoutes the gateways that the container's default routes go by, at most one of each family; empty where another
 *     endpoint has them, or none
 * @param sysctls kernel parameters of the interface by their names, {@code net.ipv4.conf.eth0.log_martians}; that
 *     {@code disable_ipv6} is 1 where it has no IPv6 address comes by itself
 */
public record Endpoint(
        String id,
        String interfaceName,
        List<InterfaceAddress> addresses,
        String macAddress,
        List<InetAddress> defaultRoutes,
        Map<String, String> sysctls) {
    /** Copies what it is given. */
    public Endpoint {
        addresses = List.copyOf(addresses);
        defaultRoutes = List.copyOf(defaultRoutes);
        sysctls = Map.copyOf(sysctls);
    }
}
