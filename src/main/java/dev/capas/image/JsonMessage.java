package dev.capas.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line of the JSON streams of load, import, pull and push ({@code CreateImageInfo} of the Engine API).
 *
 * @param stream text as it stands
 * @param status what happens
 * @param progressDetail how far it is
 * @param progress the same as a bar for people
 * @param id what it happens to, the short ID of a layer or a tag
 * @param errorDetail why the stream ends here
 * @param error the same once more
 * @param aux a result for programs
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"stream", "status", "progressDetail", "progress", "id", "errorDetail", "error", "aux"})
public record JsonMessage(
        @Nullable String stream,
        @Nullable String status,
        @Nullable Progress progressDetail,
        @Nullable String progress,
        @Nullable String id,
        @Nullable Error errorDetail,
        @Nullable String error,
        @Nullable Object aux) {
    /**
     * How far a transfer is.
     *
     * @param current bytes so far, absent at the beginning
     * @param total bytes in the end, absent where not known
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Progress(@Nullable Long current, @Nullable Long total) {
        static final Progress NONE = new Progress(null, null);
    }

    /** The message of an error. */
    public record Error(String message) {}

    /** Text that a client prints as it stands. */
    public static JsonMessage stream(String text) {
        return new JsonMessage(text, null, null, null, null, null, null, null);
    }

    /** A status line of its own. */
    public static JsonMessage status(String status) {
        return new JsonMessage(null, status, null, null, null, null, null, null);
    }

    /** A status line with the tag it is about. */
    public static JsonMessage status(String id, String status) {
        return new JsonMessage(null, status, null, null, id, null, null, null);
    }

    /** The state that a layer is in now. */
    public static JsonMessage layer(String id, String status) {
        return new JsonMessage(null, status, Progress.NONE, null, id, null, null, null);
    }

    /**
     * How far the transfer of a layer is.
     *
     * @param current bytes so far
     * @param total bytes in the end, 0 where not known
     */
    public static JsonMessage progress(String id, String status, long current, long total) {
        Progress detail = new Progress(current, total > 0 ? total : null);
        return new JsonMessage(null, status, detail, bar(current, total), id, null, null, null);
    }

    /** The end of a stream that fails. */
    public static JsonMessage failure(String message) {
        return new JsonMessage(null, null, null, null, null, new Error(message), message, null);
    }

    /** A result for programs. */
    public static JsonMessage result(Object aux) {
        return new JsonMessage(null, null, Progress.NONE, null, null, null, null, aux);
    }

    private static String bar(long current, long total) {
        if (total <= 0 || current > total) {
            return String.format(Locale.ROOT, "%8s", size(current));
        }
        int done = (int) Math.min(50, current * 100.0 / total / 2);
        return "[" + "=".repeat(done) + ">" + " ".repeat(50 - done) + "] "
                + String.format(Locale.ROOT, "%8s/%s", size(current), size(total));
    }

    /** Four significant digits and a decimal unit, as Docker's clients write sizes. */
    private static String size(long bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        String digits = new java.math.BigDecimal(value)
                .round(new java.math.MathContext(4))
                .stripTrailingZeros()
                .toPlainString();
        return digits + units[unit];
    }
}
