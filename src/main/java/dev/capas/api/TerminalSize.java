package dev.capas.api;

import dev.capas.errdefs.EngineException;
import java.math.BigInteger;

/**
 * The size of a terminal as the parameters {@code h} and {@code w} give it.
 *
 * @param rows 0 to 65,535
 * @param columns 0 to 65,535
 */
record TerminalSize(int rows, int columns) {
    private static final BigInteger LARGEST = BigInteger.valueOf(0xffff_ffffL);

    /** Reads both (400 in dockerd's words where one is wrong); as in dockerd only the lower 16 bits of a number count. */
    static TerminalSize parse(String height, String width) {
        return new TerminalSize(number("height", height), number("width", width));
    }

    private static int number(String what, String text) {
        if (!text.matches("[+-]?[0-9]+")) {
            throw refused(what, text, "invalid syntax");
        }
        BigInteger value = new BigInteger(text);
        if (value.signum() < 0 || value.compareTo(LARGEST) > 0) {
            throw refused(what, text, "value out of range");
        }
        return value.intValue() & 0xffff;
    }

    private static EngineException refused(String what, String text, String why) {
        return EngineException.invalidParameter("invalid resize " + what + " \"" + text + "\": " + why);
    }
}
