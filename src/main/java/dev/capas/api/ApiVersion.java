package dev.capas.api;

import dev.capas.errdefs.EngineException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;

/**
 * A version of the Engine API, as clients write it before a path: {@code /v1.51/info}. A path without one means the newest.
 *
 * @param text as the client wrote it, digits and dots
 */
record ApiVersion(String text) implements Comparable<ApiVersion> {
    static final ApiVersion CURRENT = new ApiVersion("1.51");
    static final ApiVersion MINIMUM = new ApiVersion("1.24");

    static final String ATTRIBUTE = ApiVersion.class.getName();

    /** The version that the request asks for. */
    static ApiVersion of(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof ApiVersion version ? version : CURRENT;
    }

    /** Whether this version is older than {@code major.minor}. */
    boolean before(String other) {
        return compareTo(new ApiVersion(other)) < 0;
    }

    boolean tooOld() {
        return compareTo(MINIMUM) < 0;
    }

    String tooOldMessage() {
        return "client version " + text + " is too old. Minimum supported API version is " + MINIMUM.text
                + ", please upgrade your client to a newer version";
    }

    /** Refuses what is newer than this engine, in Docker's words. */
    void checkNotTooNew() {
        if (compareTo(CURRENT) > 0) {
            throw EngineException.invalidParameter(
                    "client version " + text + " is too new. Maximum supported API version is " + CURRENT.text);
        }
    }

    @Override
    public int compareTo(ApiVersion other) {
        return Arrays.compare(numbers(), other.numbers());
    }

    private int[] numbers() {
        return Arrays.stream(text.split("\\.")).mapToInt(ApiVersion::number).toArray();
    }

    private static int number(String digits) {
        return digits.isEmpty() ? 0 : digits.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(digits);
    }
}
