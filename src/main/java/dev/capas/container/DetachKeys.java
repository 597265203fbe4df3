package dev.capas.container;

import java.io.ByteArrayOutputStream;
import java.util.Optional;

/**
 * Finds the keys in what a client types that end its attachment and leave the process alone. What may yet become the whole
 * sequence is held back until it does not. For one client and one thread.
 */
final class DetachKeys {
    /** Ctrl-P, Ctrl-Q, where a client names none. */
    private static final byte[] DEFAULT = {16, 17};

    private static final String CONTROLS = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

    private final byte[] keys;
    private final ByteArrayOutputStream typed = new ByteArrayOutputStream();
    private int matched;

    private DetachKeys(byte[] keys) {
        this.keys = keys;
    }

    /**
     * Reads a sequence in Docker's notation: single characters, {@code ctrl-} with a letter or one of {@code @[\]^_}, or
     * {@code DEL}, separated by commas. Nothing means the usual ones; empty where the notation is wrong.
     */
    static Optional<DetachKeys> parse(String notation) {
        if (notation.isEmpty()) {
            return Optional.of(new DetachKeys(DEFAULT));
        }
        ByteArrayOutputStream keys = new ByteArrayOutputStream();
        for (String key : notation.split(",", -1)) {
            int code = code(key);
            if (code < 0) {
                return Optional.empty();
            }
            keys.write(code);
        }
        return Optional.of(new DetachKeys(keys.toByteArray()));
    }

    private static int code(String key) {
        if (key.length() == 1 && key.charAt(0) < 0x80) {
            return key.charAt(0);
        }
        if (key.equals("DEL")) {
            return 127;
        }
        return key.length() == 6 && key.startsWith("ctrl-") ? CONTROLS.indexOf(key.charAt(5)) : -1;
    }

    /** The sequence itself. */
    byte[] bytes() {
        return keys.clone();
    }

    /** Takes what was typed; false once the sequence is complete. What came before it is in {@link #passed()} either way. */
    boolean accept(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] == keys[matched]) {
                matched++;
                if (matched == keys.length) {
                    return false;
                }
            } else {
                typed.write(keys, 0, matched);
                typed.write(bytes[i]);
                matched = 0;
            }
        }
        return true;
    }

    /** What goes on to the process; each byte is given once. */
    byte[] passed() {
        byte[] bytes = typed.toByteArray();
        typed.reset();
        return bytes;
    }
}
