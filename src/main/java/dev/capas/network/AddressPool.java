package dev.capas.network;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which addresses of a subnet are taken. The first and, of IPv4, the last are nobody's, but where there are only two or one. Not safe for several threads. */
final class AddressPool {
    private final Subnet subnet;
    private final Set<IpAddress> taken = new HashSet<>();

    AddressPool(Subnet subnet) {
        this.subnet = subnet;
        int hostBits = subnet.address().bits() - subnet.length();
        if (subnet.v6() || hostBits > 1) {
            taken.add(subnet.first());
        }
        if (!subnet.v6() && hostBits > 1) {
            taken.add(subnet.last());
        }
    }

    Subnet subnet() {
        return subnet;
    }

    /** Takes this very address; false if somebody has it or it is not of the subnet. */
    boolean take(IpAddress address) {
        return subnet.contains(address) && taken.add(address);
    }

    /** Takes the lowest that is free; within a range, where one is given. */
    Optional<IpAddress> takeLowest(@Nullable Subnet range) {
        Subnet from = range == null ? subnet : range;
        IpAddress last = from.last();
        for (IpAddress next = from.first(); next.compareTo(last) <= 0; next = next.next()) {
            if (taken.add(next)) {
                return Optional.of(next);
            }
        }
        return Optional.empty();
    }

    /** Gives one back. */
    void release(IpAddress address) {
        taken.remove(address);
    }
}
