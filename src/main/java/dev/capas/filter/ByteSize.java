package dev.capas.filter;

import dev.capas.errdefs.EngineException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as the docker CLI prints them: {@code 200MB} is 200,000,000 bytes, units are powers of 1000. */
public final class ByteSize {
    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB", "PB", "EB");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,30}(?:\\.[0-9]{1,30})?) ?([A-Za-z]*)");
    private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE);

    /** What {@code docker system df} shows of a size. */
    private static final MathContext DIGITS = new MathContext(4, RoundingMode.HALF_EVEN);

    private ByteSize() {}

    /**
     * Reads {@code 200MB}, {@code 1.5 GB}, {@code 10k} or plain bytes; the case of a unit says nothing, a part of a byte is dropped.
     *
     * @return bytes, never negative
     * @throws EngineException if it is no size, too large for 64 bits, or in another unit (400, naming what is wrong)
     */
    public static long parse(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw invalid(
                    text, text.startsWith("-") ? "it is negative" : "a number with a unit is needed, such as 200MB");
        }
        BigDecimal bytes = new BigDecimal(size.group(1)).scaleByPowerOfTen(3 * power(text, size.group(2)));
        if (bytes.compareTo(LARGEST) > 0) {
            throw invalid(text, "it is too large");
        }
        return bytes.longValue();
    }

    private static int power(String text, String unit) {
        String symbol = unit.toUpperCase(Locale.ROOT);
        for (int power = 0; power < UNITS.size(); power++) {
            String known = UNITS.get(power).toUpperCase(Locale.ROOT);
            if (symbol.isEmpty() || symbol.equals(known) || (symbol + "B").equals(known)) {
                return power;
            }
        }
        throw invalid(text, "the units are " + String.join(", ", UNITS) + ", each 1000 of the one before");
    }

    private static EngineException invalid(String text, String reason) {
        return EngineException.invalidParameter("invalid size '" + text + "': " + reason);
    }

    /** The size in four digits and the unit that makes it readable, as {@code units.HumanSize} of Docker prints it; a loss has a minus. */
    public static String format(long bytes) {
        double value = Math.abs((double) bytes);
        int power = 0;
        while (value >= 1000 && power < UNITS.size() - 1) {
            value /= 1000;
            power++;
        }
        BigDecimal digits = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
        return (bytes < 0 ? "-" : "") + digits.toPlainString() + UNITS.get(power);
    }
}
