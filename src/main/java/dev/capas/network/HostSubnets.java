package dev.capas.network;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The subnets that the host has to do with already: those that it has routes to, and the addresses of its name servers. */
final class HostSubnets {
    private static final Logger log = LoggerFactory.getLogger(HostSubnets.class);
    private static final Path V4_ROUTES = Path.of("/proc/net/route");
    private static final Path V6_ROUTES = Path.of("/proc/net/ipv6_route");
    private static final Path RESOLVERS = Path.of("/etc/resolv.conf");
    private static final int HEXADECIMAL = 16;

    private HostSubnets() {}

    /** Of one family; without the routes by way of an interface of this name, which may be empty. */
    static List<Subnet> of(boolean v6, String exceptLink) {
        List<Subnet> found = new ArrayList<>();
        for (String line : lines(v6 ? V6_ROUTES : V4_ROUTES)) {
            String[] fields = line.strip().split("\\s+");
            (v6 ? v6(fields, exceptLink) : v4(fields, exceptLink)).ifPresent(found::add);
        }
        for (String line : lines(RESOLVERS)) {
            String[] fields = line.strip().split("\\s+");
            if (fields.length > 1 && fields[0].equals("nameserver")) {
                IpAddress.parse(fields[1])
                        .filter(address -> address.v6() == v6)
                        .ifPresent(address -> found.add(new Subnet(address, address.bits())));
            }
        }
        return found;
    }

    /** Interface, destination, gateway, flags, three counters, mask: numbers of the host's byte order, which here is the little one. */
    private static Optional<Subnet> v4(String[] fields, String exceptLink) {
        if (fields.length < 8 || fields[0].equals("Iface") || fields[0].equals(exceptLink)) {
            return Optional.empty();
        }
        int destination = Integer.reverseBytes(Integer.parseUnsignedInt(fields[1], HEXADECIMAL));
        int length = Integer.bitCount(Integer.parseUnsignedInt(fields[7], HEXADECIMAL));
        return length == 0
                ? Optional.empty()
                : Optional.of(new Subnet(
                        new IpAddress(BigInteger.valueOf(Integer.toUnsignedLong(destination)), false), length));
    }

    /** Destination, its length, and last the interface. */
    private static Optional<Subnet> v6(String[] fields, String exceptLink) {
        if (fields.length < 10 || fields[9].equals(exceptLink)) {
            return Optional.empty();
        }
        int length = Integer.parseInt(fields[1], HEXADECIMAL);
        return length == 0
                ? Optional.empty()
                : Optional.of(new Subnet(new IpAddress(new BigInteger(fields[0], HEXADECIMAL), true), length));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            log.debug("{} cannot be read", file, e);
            return List.of();
        }
    }
}
