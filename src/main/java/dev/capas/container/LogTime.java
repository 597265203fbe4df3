package dev.capas.container;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The time of a log record, read without making an object of it: conmon writes {@code 2006-01-02T15:04:05.000000000+00:00}.
 * What only changes from one second to the next is kept.
 */
final class LogTime {
    /** Length of conmon's form in bytes. */
    static final int LENGTH = 35;

    private static final int SECONDS = 19;
    private static final int ZONE = 29;
    private static final DateTimeFormatter TO_SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");

    private final byte[] known = new byte[LENGTH];
    private byte[] utc = new byte[SECONDS];
    private long epochSecond;
    private int nanoseconds;

    /** Takes what lies at the offset; false where it is no time. */
    boolean read(byte[] bytes, int offset) {
        if (!sameSecond(bytes, offset) && !readSecond(bytes, offset)) {
            return false;
        }
        int fraction = 0;
        for (int i = offset + SECONDS + 1; i < offset + ZONE; i++) {
            fraction = fraction * 10 + (bytes[i] - '0');
        }
        nanoseconds = fraction;
        return true;
    }

    private boolean sameSecond(byte[] bytes, int offset) {
        return Arrays.equals(known, 0, SECONDS, bytes, offset, offset + SECONDS)
                && Arrays.equals(known, ZONE, LENGTH, bytes, offset + ZONE, offset + LENGTH);
    }

    private boolean readSecond(byte[] bytes, int offset) {
        try {
            String text = new String(bytes, offset, LENGTH, US_ASCII);
            ZoneOffset zone = ZoneOffset.of(text.substring(ZONE));
            epochSecond =
                    LocalDateTime.parse(text.substring(0, SECONDS), TO_SECONDS).toEpochSecond(zone);
            utc = TO_SECONDS
                    .format(LocalDateTime.ofEpochSecond(epochSecond, 0, ZoneOffset.UTC))
                    .getBytes(US_ASCII);
            System.arraycopy(bytes, offset, known, 0, LENGTH);
            return true;
        } catch (java.time.DateTimeException e) {
            return false;
        }
    }

    void copyFrom(LogTime other) {
        utc = other.utc;
        epochSecond = other.epochSecond;
        nanoseconds = other.nanoseconds;
    }

    boolean isBefore(@Nullable Instant instant) {
        return instant != null && compare(instant) < 0;
    }

    boolean isAfter(@Nullable Instant instant) {
        return instant != null && compare(instant) > 0;
    }

    private int compare(Instant instant) {
        int seconds = Long.compare(epochSecond, instant.getEpochSecond());
        return seconds != 0 ? seconds : Integer.compare(nanoseconds, instant.getNano());
    }

    /** Writes {@code 2006-01-02T15:04:05.000000000Z}, 30 bytes; returns the offset after them. */
    int write(byte[] target, int offset) {
        System.arraycopy(utc, 0, target, offset, SECONDS);
        target[offset + SECONDS] = '.';
        int rest = nanoseconds;
        for (int i = offset + ZONE - 1; i > offset + SECONDS; i--) {
            target[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        target[offset + ZONE] = 'Z';
        return offset + ZONE + 1;
    }
}
