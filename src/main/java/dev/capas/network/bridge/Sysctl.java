package dev.capas.network.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Kernel parameters of the network namespace of the calling thread. */
final class Sysctl {
    private static final int LONGEST = 4096;

    private Sysctl() {}

    /** Sets it, by its name below {@code /proc/sys}. */
    static void set(String name, String value) throws IOException {
        Files.writeString(Path.of("/proc/sys", name), value);
    }

    /** Reads it in one go: what is left of a parameter for a second read is nothing. */
    static String get(String name) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of("/proc/sys", name))) {
            byte[] all = new byte[LONGEST];
            return new String(all, 0, Math.max(0, in.read(all)), StandardCharsets.US_ASCII).strip();
        }
    }

    /** Sets it unless it is so already. */
    static void require(String name, String value) throws IOException {
        if (Files.exists(Path.of("/proc/sys", name)) && !get(name).equals(value)) {
            set(name, value);
        }
    }
}
