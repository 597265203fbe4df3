package dev.capas.container;

import java.security.SecureRandom;
import java.util.HexFormat;

/** The IDs of containers, execs and unnamed volumes. */
final class Ids {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Ids() {}

    /** 64 random hexadecimal digits. */
    static String random() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
