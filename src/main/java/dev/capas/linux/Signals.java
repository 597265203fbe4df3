package dev.capas.linux;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** The signals of Linux by name and number. */
public final class Signals {
    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGQUIT = 3;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;
    public static final int SIGCONT = 18;
    public static final int SIGWINCH = 28;

    private static final int FIRST_REALTIME = 34;
    private static final int LAST_REALTIME = 64;
    private static final List<String> NAMES = List.of(
            "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
            "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM",
            "PROF", "WINCH", "IO", "PWR", "SYS");

    private Signals() {}

    /** The number of "TERM", "SIGTERM", "sigterm" or "15", of "RTMIN+3" too; empty where there is no such signal. */
    public static OptionalInt number(String signal) {
        if (!signal.isEmpty() && signal.chars().allMatch(c -> c >= '0' && c <= '9')) {
            int number = signal.length() > 3 ? -1 : Integer.parseInt(signal);
            return number > 0 && number <= LAST_REALTIME ? OptionalInt.of(number) : OptionalInt.empty();
        }
        String name = signal.toUpperCase(Locale.ROOT);
        name = name.startsWith("SIG") ? name.substring(3) : name;
        int index = switch (name) {
            case "" -> -1;
            case "IOT" -> NAMES.indexOf("ABRT");
            case "CLD" -> NAMES.indexOf("CHLD");
            case "POLL" -> NAMES.indexOf("IO");
            default -> name.startsWith("RT") ? realtime(name) : NAMES.indexOf(name);
        };
        return index > 0 ? OptionalInt.of(index) : OptionalInt.empty();
    }

    /** "SIGTERM" for 15; for a real-time signal its number as text. */
    public static String name(int number) {
        return number > 0 && number < NAMES.size() ? "SIG" + NAMES.get(number) : Integer.toString(number);
    }

    private static int realtime(String name) {
        try {
            int number = switch (name.length() < 6 ? "" : name.substring(0, 5)) {
                case "RTMIN" -> FIRST_REALTIME + Integer.parseInt(name.substring(5));
                case "RTMAX" -> LAST_REALTIME + Integer.parseInt(name.substring(5));
                default -> name.equals("RTMIN") ? FIRST_REALTIME : name.equals("RTMAX") ? LAST_REALTIME : -1;
            };
            return number >= FIRST_REALTIME && number <= LAST_REALTIME ? number : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
