package dev.capas.network.bridge;

import java.util.concurrent.ThreadLocalRandom;

/** Names that only have to differ. */
final class RandomDigits {
    private RandomDigits() {}

    /** This many hexadecimal digits, at most 16. */
    static String hexadecimal(int length) {
        return "%016x".formatted(ThreadLocalRandom.current().nextLong()).substring(16 - length);
    }
}
