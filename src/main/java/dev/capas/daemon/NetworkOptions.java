package dev.capas.daemon;

import dev.capas.network.IpAddress;
import dev.capas.network.NetworkDefaults;
import dev.capas.network.Subnet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what networks get that say nothing else. */
final class NetworkOptions {
    @Option(
            names = "--bip",
            defaultValue = "",
            paramLabel = "<address/length>",
            description = "Address of the default bridge and its subnet.")
    private String bip = "";

    @Option(
            names = "--fixed-cidr",
            defaultValue = "",
            paramLabel = "<subnet>",
            description = "The part of that subnet that containers get addresses of.")
    private String fixedCidr = "";

    @Option(
            names = "--default-address-pool",
            paramLabel = "<base=subnet,size=length>",
            description = "A range that networks get their subnets of. May be given several times.")
    private List<String> pools = List.of();

    @Option(
            names = "--mtu",
            defaultValue = "0",
            paramLabel = "<bytes>",
            description = "MTU of the default bridge; 0 for 1500.")
    private int mtu;

    @Option(
            names = "--ip",
            defaultValue = "",
            paramLabel = "<address>",
            description = "Where ports are published that no client says more of.")
    private String bindingAddress = "";

    @Option(
            names = "--icc",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            paramLabel = "<boolean>",
            description = "Whether containers on the default bridge reach each other.")
    private boolean interContainer = true;

    @Option(
            names = "--ip-masq",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            paramLabel = "<boolean>",
            description = "Whether what leaves the default bridge has an address of the host.")
    private boolean masquerade = true;

    /**
     * What they say together, for an engine whose identity is not known yet.
     *
     * @throws IllegalArgumentException if one of them makes no sense
     */
    NetworkDefaults read() {
        if (!bindingAddress.isEmpty() && IpAddress.parse(bindingAddress).isEmpty()) {
            throw new IllegalArgumentException("invalid string being converted to IP address: " + bindingAddress);
        }
        if (mtu < 0) {
            throw new IllegalArgumentException("invalid default MTU: " + mtu);
        }
        return new NetworkDefaults(
                "",
                bip.isEmpty() ? null : subnet(bip),
                fixedCidr.isEmpty() ? null : subnet(fixedCidr),
                pools.stream().map(NetworkOptions::pool).toList(),
                mtu,
                bindingAddress,
                interContainer,
                masquerade);
    }

    private static Subnet subnet(String text) {
        return Subnet.parse(text).orElseThrow(() -> new IllegalArgumentException("invalid CIDR address: " + text));
    }

    private static NetworkDefaults.Pool pool(String text) {
        Map<String, String> fields = new HashMap<>();
        for (String field : text.split(",")) {
            String[] parts = field.split("=", 2);
            fields.put(parts[0], parts[parts.length - 1]);
        }
        @Nullable String base = fields.get("base");
        String size = fields.getOrDefault("size", "");
        if (base == null || !size.matches("\\d{1,3}")) {
            throw new IllegalArgumentException("invalid default address pool: " + text);
        }
        Subnet subnet = subnet(base).masked();
        int length = Integer.parseInt(size);
        if (length < subnet.length() || length > subnet.address().bits()) {
            throw new IllegalArgumentException("invalid default address pool: " + text + ": the size must be from "
                    + subnet.length() + " to " + subnet.address().bits());
        }
        return new NetworkDefaults.Pool(subnet, length);
    }
}
