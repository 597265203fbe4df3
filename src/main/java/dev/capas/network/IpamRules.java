package dev.capas.network;

import dev.capas.errdefs.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the addresses of a new network may be (dockerd's rules and words). */
final class IpamRules {
    private static final String NO_CIDR = ": invalid CIDR block notation";

    private IpamRules() {}

    /**
     * Checks what was asked for.
     *
     * @throws EngineException (400) that tells all that is wrong
     */
    static void check(Ipam ipam, boolean enableIpv6) {
        List<String> faults = new ArrayList<>();
        for (Ipam.Config config : ipam.asked()) {
            Optional<Subnet> subnet = Subnet.parse(config.subnet());
            if (subnet.isEmpty()) {
                faults.add("invalid subnet " + config.subnet() + NO_CIDR);
            } else if (enableIpv6 || !subnet.get().v6()) {
                check(config, subnet.get(), faults);
            }
        }
        refuse("invalid network config", faults);
    }

    /** Refuses what has faults, one on a line, marked where there are several. */
    static void refuse(String what, List<String> faults) {
        if (!faults.isEmpty()) {
            throw EngineException.invalidParameter(
                    what + ":\n" + (faults.size() == 1 ? faults.getFirst() : "* " + String.join("\n* ", faults)));
        }
    }

    private static void check(Ipam.Config config, Subnet subnet, List<String> faults) {
        if (!subnet.equals(subnet.masked())) {
            faults.add("invalid subnet " + subnet + ": it should be " + subnet.masked());
        }
        if (!config.ipRange().isEmpty()) {
            range(config.ipRange(), subnet, faults);
        }
        address(config.gateway(), subnet).ifPresent(fault -> faults.add("invalid gateway " + config.gateway() + fault));
        config.auxiliary()
                .forEach((name, text) -> address(text, subnet)
                        .ifPresent(fault -> faults.add("invalid auxiliary address " + name + fault)));
    }

    private static void range(String text, Subnet subnet, List<String> faults) {
        Optional<Subnet> parsed = Subnet.parse(text);
        if (parsed.isEmpty()) {
            faults.add("invalid ip-range " + text + NO_CIDR);
            return;
        }
        Subnet range = parsed.get();
        if (range.v6() != subnet.v6()) {
            faults.add("invalid ip-range " + text + block(subnet));
            return;
        }
        if (range.length() < subnet.length()) {
            faults.add("invalid ip-range " + text + ": CIDR block is bigger than its parent subnet " + subnet);
        }
        if (!range.equals(range.masked())) {
            faults.add("invalid ip-range " + range + ": it should be " + range.masked());
        }
        if (!range.overlaps(subnet)) {
            faults.add("invalid ip-range " + text + ": parent subnet " + subnet + " doesn't contain ip-range");
        }
    }

    private static Optional<String> address(String text, Subnet subnet) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<IpAddress> address = IpAddress.parse(text);
        if (address.isEmpty()) {
            return Optional.of(": invalid address");
        }
        if (address.get().v6() != subnet.v6()) {
            return Optional.of(block(subnet));
        }
        return subnet.contains(address.get())
                ? Optional.empty()
                : Optional.of(": parent subnet " + subnet + " doesn't contain this address");
    }

    private static String block(Subnet subnet) {
        return ": parent subnet is an IPv" + (subnet.v6() ? 6 : 4) + " block";
    }
}
