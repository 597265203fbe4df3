package dev.capas.registry;

import dev.capas.oci.Reference;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * How registries are reached.
 *
 * @param insecureRegistries hosts (with port) and networks (CIDR) that may be spoken to in plain HTTP or with a certificate that
 *     nobody vouches for; the loopback network always is one
 * @param mirrors URLs of registries that are asked before Docker's own
 */
public record RegistrySettings(List<String> insecureRegistries, List<String> mirrors) {
    private static final String DOCKER_HUB = "https://registry-1.docker.io";
    private static final String LOOPBACK = "127.0.0.0/8";

    /**
     * A place to reach a registry at.
     *
     * @param base scheme and host
     * @param verified whether its certificate must be vouched for
     */
    record Endpoint(URI base, boolean verified) {}

    /** The places to try for a registry, in this order. */
    List<Endpoint> endpoints(String domain) {
        List<Endpoint> endpoints = new ArrayList<>();
        if (domain.equals(Reference.DEFAULT_DOMAIN)) {
            for (String mirror : mirrors) {
                endpoints.add(new Endpoint(URI.create(mirror.replaceAll("/+$", "")), true));
            }
            endpoints.add(new Endpoint(URI.create(DOCKER_HUB), true));
        } else if (isInsecure(domain)) {
            endpoints.add(new Endpoint(URI.create("https://" + domain), false));
            endpoints.add(new Endpoint(URI.create("http://" + domain), false));
        } else {
            endpoints.add(new Endpoint(URI.create("https://" + domain), true));
        }
        return endpoints;
    }

    private boolean isInsecure(String domain) {
        if (insecureRegistries.contains(domain)) {
            return true;
        }
        String host = URI.create("http://" + domain).getHost();
        List<byte[]> addresses = new ArrayList<>();
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                addresses.add(address.getAddress());
            }
        } catch (UnknownHostException e) {
            return false;
        }
        return addresses.stream()
                .anyMatch(address -> isIn(address, LOOPBACK)
                        || insecureRegistries.stream().anyMatch(network -> isIn(address, network)));
    }

    /** Whether the address lies in a network; what is no network has none. */
    static boolean isIn(byte[] address, String network) {
        int slash = network.indexOf('/');
        if (slash < 0) {
            return false;
        }
        byte[] base;
        int bits;
        try {
            base = InetAddress.ofLiteral(network.substring(0, slash)).getAddress();
            bits = Integer.parseInt(network.substring(slash + 1));
        } catch (IllegalArgumentException e) {
            return false;
        }
        if (base.length != address.length) {
            return false;
        }
        for (int bit = 0; bit < Math.min(bits, 8 * base.length); bit++) {
            int mask = 0x80 >> bit % 8;
            if ((base[bit / 8] & mask) != (address[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }
}
