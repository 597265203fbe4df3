package dev.capas.network;

import dev.capas.errdefs.EngineException;
import dev.capas.network.EndpointSettings.Addresses;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a container may ask for in a network (dockerd's rules and words). */
public final class EndpointRules {
    /** The driver option that sets kernel parameters of an endpoint's interface. */
    public static final String SYSCTLS = "com.docker.network.endpoint.sysctls";

    private static final Pattern SYSCTL = Pattern.compile("[^.]*\\.(ipv4|ipv6|mpls)\\.[^.]*\\.(IFNAME|ifname)\\..*");

    private EndpointRules() {}

    /**
     * Checks what a container asks for.
     *
     * @param network null where there is none of this name (yet)
     * @throws EngineException (400) that tells all that is wrong
     */
    public static void check(String name, @Nullable Network network, EndpointSettings settings) {
        List<String> faults = new ArrayList<>();
        Addresses asked = settings.ipamConfig();
        if (asked != null && !isUserDefined(name) && !(asked.ipv4Address() + asked.ipv6Address()).isEmpty()) {
            faults.add("user specified IP address is supported on user defined networks only");
        }
        if (!isUserDefined(name)
                && settings.aliases() != null
                && !settings.aliases().isEmpty()) {
            faults.add("network-scoped alias is supported only for containers in user defined networks");
        }
        if (asked != null) {
            addresses(asked, network, faults);
        }
        if (!settings.macAddress().isEmpty()
                && MacAddresses.parse(settings.macAddress()).isEmpty()) {
            throw EngineException.invalidParameter("invalid MAC address " + settings.macAddress());
        }
        sysctls(settings).stream()
                .filter(sysctl -> !SYSCTL.matcher(sysctl).matches())
                .map(
                        sysctl -> "unrecognised network interface sysctl '" + sysctl
                                + "'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'")
                .forEach(faults::add);
        IpamRules.refuse("invalid endpoint settings", faults);
    }

    /** The kernel parameters that are asked for, {@code net.ipv4.conf.IFNAME.log_martians=1}. */
    public static List<String> sysctls(EndpointSettings settings) {
        String text =
                settings.driverOpts() == null ? null : settings.driverOpts().get(SYSCTLS);
        return text == null ? List.of() : List.of(text.split(",", -1));
    }

    /** Whether somebody made the network of this name. */
    public static boolean isUserDefined(String name) {
        return !NetworkDefinition.PREDEFINED.contains(name) && !name.equals("default");
    }

    private static void addresses(Addresses asked, @Nullable Network network, List<String> faults) {
        family(asked.ipv4Address(), false, faults);
        family(asked.ipv6Address(), true, faults);
        for (String address : asked.linkLocalIps() == null ? List.<String>of() : asked.linkLocalIps()) {
            if (IpAddress.parse(address).isEmpty()) {
                faults.add("invalid link-local IP address: " + address);
            }
        }
        if (network != null && !network.definition().predefined()) {
            within(asked.ipv4Address(), false, network, faults);
            within(asked.ipv6Address(), true, network, faults);
        }
    }

    private static void family(String text, boolean v6, List<String> faults) {
        Optional<IpAddress> address = IpAddress.parse(text);
        if (!text.isEmpty()
                && (address.isEmpty()
                        || address.get().v6() != v6
                        || address.get().value().signum() == 0)) {
            faults.add("invalid IPv" + (v6 ? 6 : 4) + " address: " + text);
        }
    }

    private static void within(String text, boolean v6, Network network, List<String> faults) {
        if (text.isEmpty()) {
            return;
        }
        List<Subnet> asked = network.definition().ipam().asked().stream()
                .filter(config -> network.definition().pools().stream()
                        .noneMatch(pool -> !pool.asked() && pool.subnet().equals(config.subnet())))
                .map(config -> Subnet.of(config.subnet()))
                .filter(subnet -> subnet.v6() == v6)
                .toList();
        Optional<IpAddress> address = IpAddress.parse(text);
        if (asked.isEmpty()) {
            faults.add(
                    "user specified IP address is supported only when connecting to networks with user configured subnets");
        } else if (address.isEmpty() || asked.stream().noneMatch(subnet -> subnet.contains(address.get()))) {
            faults.add("no configured subnet or ip-range contain the IP address " + text);
        }
    }
}
