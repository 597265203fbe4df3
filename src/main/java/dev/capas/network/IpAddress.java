package dev.capas.network;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An address of IPv4 or IPv6, as a number.
 *
 * @param value not negative
 * @param v6 whether it is of IPv6
 */
public record IpAddress(BigInteger value, boolean v6) implements Comparable<IpAddress> {
    private static final Pattern V4 =
            Pattern.compile("(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)){3}");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    private static final int GROUPS = 8;

    /** Reads {@code 10.0.0.1} or {@code fd00::1}, as Go's {@code netip.ParseAddr} does; empty for anything else. */
    public static Optional<IpAddress> parse(String text) {
        if (!V4.matcher(text).matches() && !V6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(of(InetAddress.ofLiteral(text)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The same address. */
    public static IpAddress of(InetAddress address) {
        byte[] bytes = address.getAddress();
        return new IpAddress(new BigInteger(1, bytes), bytes.length == V6_BYTES);
    }

    /** The same address. */
    public InetAddress inet() {
        byte[] number = value.toByteArray();
        int size = v6 ? V6_BYTES : V4_BYTES;
        byte[] bytes = new byte[size];
        int length = Math.min(size, number.length);
        System.arraycopy(number, number.length - length, bytes, size - length, length);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many bits addresses of its family have. */
    public int bits() {
        return (v6 ? V6_BYTES : V4_BYTES) * Byte.SIZE;
    }

    /** The address that lies so many behind. */
    IpAddress plus(BigInteger distance) {
        return new IpAddress(value.add(distance), v6);
    }

    /** The next one. */
    IpAddress next() {
        return plus(BigInteger.ONE);
    }

    @Override
    public int compareTo(IpAddress other) {
        return Comparator.comparing(IpAddress::v6)
                .thenComparing(IpAddress::value)
                .compare(this, other);
    }

    /** In its shortest form (RFC 5952). */
    @Override
    public String toString() {
        return v6 ? shortest() : inet().getHostAddress();
    }

    private String shortest() {
        int[] groups = new int[GROUPS];
        Arrays.setAll(
                groups,
                index -> value.shiftRight((GROUPS - 1 - index) * Short.SIZE).intValue() & 0xffff);
        int start = -1;
        int length = 1;
        for (int first = 0; first < GROUPS; first++) {
            int end = first;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - first > length) {
                start = first;
                length = end - first;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int index = 0; index < GROUPS; index++) {
            if (index == start) {
                text.append("::");
                index += length - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[index]));
            }
        }
        return text.toString();
    }
}
