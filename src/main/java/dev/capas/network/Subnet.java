package dev.capas.network;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.Optional;

/**
 * A range of addresses that begin with the same bits.
 *
 * @param address one of them, not always the first
 * @param length how many bits they share
 */
public record Subnet(IpAddress address, int length) implements Comparable<Subnet> {
    /** Reads {@code 10.0.0.0/8} or {@code fd00::/64}, as Go's {@code netip.ParsePrefix} does; empty for anything else. */
    public static Optional<Subnet> parse(String text) {
        int slash = text.lastIndexOf('/');
        String length = text.substring(slash + 1);
        if (slash < 0 || !length.matches("0|[1-9]\\d{0,2}")) {
            return Optional.empty();
        }
        int bits = Integer.parseInt(length);
        return IpAddress.parse(text.substring(0, slash))
                .filter(address -> bits <= address.bits())
                .map(address -> new Subnet(address, bits));
    }

    /** Reads what is known to be one. */
    static Subnet of(String text) {
        return parse(text).orElseThrow(() -> new IllegalArgumentException("no subnet: " + text));
    }

    /** Whether it is one of IPv6. */
    public boolean v6() {
        return address.v6();
    }

    /** The same with its first address. */
    public Subnet masked() {
        return new Subnet(first(), length);
    }

    /** The first of its addresses. */
    public IpAddress first() {
        int host = address.bits() - length;
        return new IpAddress(address.value().shiftRight(host).shiftLeft(host), address.v6());
    }

    /** The last of its addresses. */
    public IpAddress last() {
        return first().plus(size().subtract(BigInteger.ONE));
    }

    /** How many addresses it has. */
    public BigInteger size() {
        return BigInteger.ONE.shiftLeft(address.bits() - length);
    }

    /** Whether it has this address. */
    public boolean contains(IpAddress other) {
        return other.v6() == v6() && new Subnet(other, length).first().equals(first());
    }

    /** Whether they have an address in common. */
    public boolean overlaps(Subnet other) {
        return other.v6() == v6() && (length <= other.length ? contains(other.address) : other.contains(address));
    }

    @Override
    public int compareTo(Subnet other) {
        return Comparator.comparing(Subnet::address)
                .thenComparingInt(Subnet::length)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
