package dev.capas.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A way of authentication that a server asks for ({@code WWW-Authenticate}, RFC 9110, section 11.6.1).
 *
 * @param scheme in lower case: basic, bearer
 * @param parameters by their names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final Pattern PART =
            Pattern.compile("\\s*,?\\s*([A-Za-z0-9_-]+)(?:\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,]+)))?");

    /** Reads the values of the header; what follows something malformed is left out. */
    static List<Challenge> parse(List<String> headers) {
        List<Challenge> found = new ArrayList<>();
        for (String header : headers) {
            Matcher part = PART.matcher(header);
            while (part.lookingAt()) {
                String name = part.group(1).toLowerCase(Locale.ROOT);
                if (part.group(2) == null && part.group(3) == null) {
                    found.add(new Challenge(name, new TreeMap<>()));
                } else if (!found.isEmpty()) {
                    String value = part.group(2) == null
                            ? part.group(3)
                            : part.group(2).replaceAll("\\\\(.)", "$1");
                    found.getLast().parameters.put(name, value);
                }
                part.region(part.end(), header.length());
            }
        }
        return found;
    }
}
