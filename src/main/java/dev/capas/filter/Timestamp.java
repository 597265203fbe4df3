package dev.capas.filter;

import dev.capas.errdefs.EngineException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The points in time that clients send: Unix seconds with an optional fraction ({@code since} and {@code until} of events and
 * logs), and in filters also RFC 3339 in whole or in part, or a Go duration that counts back from now.
 */
public final class Timestamp {
    private static final Pattern UNIX_PART = Pattern.compile("[+-]?[0-9]+");
    private static final Pattern DURATION = Pattern.compile("([+-]?)([0-9.nuµμsmh]{2,64})");
    private static final Pattern DURATION_PART = Pattern.compile("([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)");
    private static final Map<String, Long> NANOSECONDS = Map.of(
            "ns",
            1L,
            "us",
            1_000L,
            "µs",
            1_000L,
            "μs",
            1_000L,
            "ms",
            1_000_000L,
            "s",
            1_000_000_000L,
            "m",
            60_000_000_000L,
            "h",
            3_600_000_000_000L);
    private static final Pattern DATE_TIME = Pattern.compile(
            "(\\d{4})-(\\d\\d)-(\\d\\d)(?:T(\\d\\d)(?::(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?)?)?)?(Z|[+-]\\d\\d:\\d\\d)?");

    private Timestamp() {}

    /**
     * Reads Unix seconds, {@code 1136073600} or {@code 1136073600.000000001}.
     *
     * @return null for null, an empty text and -1, which all mean that there is none
     * @throws EngineException as dockerd's (500) if it is something else
     */
    public static @Nullable Instant parseUnix(@Nullable String value) {
        Instant instant = parseAnyUnix(value);
        return instant == null || instant.getEpochSecond() == -1 ? null : instant;
    }

    /** Reads Unix seconds as {@link #parseUnix} does, but -1 is the second before 1970, as it is to the logs of dockerd. */
    public static @Nullable Instant parseAnyUnix(@Nullable String value) {
        if (value == null || value.isEmpty()) {
            return null;
        }
        try {
            return unix(value);
        } catch (NumberFormatException e) {
            throw EngineException.system(e.getMessage(), null);
        }
    }

    /**
     * Reads what the filters {@code until} and {@code since} take.
     *
     * @param now what a duration counts back from
     * @throws EngineException if it is no point in time (400)
     */
    public static Instant parse(String value, Instant now) {
        Duration back = value.equals("0") ? null : parseDuration(value);
        if (back != null) {
            return Instant.ofEpochSecond(now.minus(back).getEpochSecond());
        }
        Matcher date = DATE_TIME.matcher(value);
        if (date.matches()) {
            return instant(date, value);
        }
        if (value.contains("-")) {
            throw EngineException.invalidParameter(
                    "parsing time \"" + value + "\" as \"2006-01-02\": cannot parse \"" + value + "\" as \"2006\"");
        }
        try {
            return unix(value);
        } catch (NumberFormatException e) {
            throw EngineException.invalidParameter("failed to parse value as time or duration: \"" + value + "\"");
        }
    }

    /** Reads a value as {@link #parse(String, Instant)} does, durations counting back from this moment. */
    public static Instant parse(String value) {
        return parse(value, Instant.now());
    }

    private static Instant unix(String value) {
        int dot = value.indexOf('.');
        if (dot < 0) {
            return Instant.ofEpochSecond(integer(value));
        }
        long seconds = integer(value.substring(0, dot));
        String fraction = value.substring(dot + 1);
        BigDecimal nanoseconds = BigDecimal.valueOf(integer(fraction)).movePointRight(9 - fraction.length());
        return Instant.ofEpochSecond(
                seconds, nanoseconds.setScale(0, RoundingMode.DOWN).longValueExact());
    }

    private static long integer(String text) {
        if (!UNIX_PART.matcher(text).matches()) {
            throw new NumberFormatException("strconv.ParseInt: parsing \"" + text + "\": invalid syntax");
        }
        BigInteger value = new BigInteger(text);
        // beyond this java.time has no instant; dockerd's limit is 64 bits
        if (value.abs().bitLength() > 54) {
            throw new NumberFormatException("strconv.ParseInt: parsing \"" + text + "\": value out of range");
        }
        return value.longValueExact();
    }

    /** Reads a duration as Go writes it, {@code 1h30m} or {@code 1.5s}; null where it is none. */
    public static @Nullable Duration parseDuration(String text) {
        Matcher whole = DURATION.matcher(text);
        if (!whole.matches()) {
            return null;
        }
        BigDecimal nanoseconds = BigDecimal.ZERO;
        Matcher part = DURATION_PART.matcher(whole.group(2));
        int end = 0;
        while (part.find() && part.start() == end) {
            nanoseconds = nanoseconds.add(
                    new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(NANOSECONDS.get(part.group(2)))));
            end = part.end();
        }
        if (end != whole.group(2).length() || nanoseconds.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            return null;
        }
        Duration duration = Duration.ofNanos(nanoseconds.longValue());
        return whole.group(1).equals("-") ? duration.negated() : duration;
    }

    private static Instant instant(Matcher date, String text) {
        try {
            LocalDateTime local = LocalDateTime.of(
                    number(date.group(1)),
                    number(date.group(2)),
                    number(date.group(3)),
                    number(date.group(4)),
                    number(date.group(5)),
                    number(date.group(6)),
                    fraction(date.group(7)));
            ZoneId zone = date.group(8) == null ? ZoneId.systemDefault() : ZoneOffset.of(date.group(8));
            return local.atZone(zone).toInstant();
        } catch (DateTimeException e) {
            throw EngineException.invalidParameter("parsing time \"" + text + "\": " + outOfRange(date));
        }
    }

    private static int number(@Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    private static int fraction(@Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt((digits + "00000000").substring(0, 9));
    }

    private static String outOfRange(Matcher date) {
        int month = number(date.group(2));
        String field = month < 1 || month > 12
                ? "month"
                : number(date.group(4)) > 23
                        ? "hour"
                        : number(date.group(5)) > 59 ? "minute" : number(date.group(6)) > 59 ? "second" : "day";
        return field + " out of range";
    }
}
