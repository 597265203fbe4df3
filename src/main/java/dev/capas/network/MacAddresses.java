package dev.capas.network;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** Addresses of the link layer, in the form {@code 02:42:ac:11:00:02}. */
public final class MacAddresses {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern COLONS = Pattern.compile("[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}");
    private static final Pattern DASHES = Pattern.compile("[0-9A-Fa-f]{2}(-[0-9A-Fa-f]{2}){5}");
    private static final Pattern DOTS = Pattern.compile("[0-9A-Fa-f]{4}(\\.[0-9A-Fa-f]{4}){2}");
    private static final int BYTES = 6;
    private static final int LOCALLY_ADMINISTERED = 2;
    private static final int GROUP = 1;

    private MacAddresses() {}

    /** One that nobody has, as dockerd makes it: locally administered, of a single station. */
    static String random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        bytes[0] = (byte) (bytes[0] & ~GROUP | LOCALLY_ADMINISTERED);
        return HexFormat.ofDelimiter(":").formatHex(bytes);
    }

    /** In the usual form, whichever of its three it was written in; empty for what is none. */
    public static Optional<String> parse(String text) {
        boolean valid = COLONS.matcher(text).matches()
                || DASHES.matcher(text).matches()
                || DOTS.matcher(text).matches();
        return valid
                ? Optional.of(
                        HexFormat.ofDelimiter(":").formatHex(HexFormat.of().parseHex(text.replaceAll("[:.-]", ""))))
                : Optional.empty();
    }
}
