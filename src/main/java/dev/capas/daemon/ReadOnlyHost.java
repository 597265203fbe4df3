package dev.capas.daemon;

import dev.capas.filter.Filters;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the daemon listens for those who may only read, as {@code --read-only-host} says it:
 * {@code unix:///run/team.sock?label=team=web&group=www}.
 *
 * @param labels {@code key} or {@code key=value}: what lacks one of them does not exist there
 * @param group the group that may use the socket; null for the one of the other sockets
 */
record ReadOnlyHost(
        ListenAddress address,
        List<String> labels,
        @Nullable String group) {
    /**
     * Reads one.
     *
     * @param port of an address that has none
     * @throws IllegalArgumentException if it is something else
     */
    static ReadOnlyHost parse(String text, int port) {
        int query = text.indexOf('?');
        ListenAddress address = ListenAddress.parse(query < 0 ? text : text.substring(0, query), port);
        List<String> labels = new ArrayList<>();
        @Nullable String group = null;
        if (query >= 0) {
            for (String parameter : text.substring(query + 1).split("&", -1)) {
                int equals = parameter.indexOf('=');
                String value = decoded(text, parameter.substring(equals + 1));
                if (parameter.startsWith("label=") && !value.isEmpty() && !value.startsWith("=")) {
                    labels.add(value);
                } else if (parameter.startsWith("group=")
                        && group == null
                        && !value.isEmpty()
                        && address instanceof ListenAddress.Unix) {
                    group = value;
                } else {
                    throw invalid(text, "after ? come label=key=value, and for a unix socket group=name");
                }
            }
        }
        return new ReadOnlyHost(address, List.copyOf(labels), group);
    }

    /** The labels as a filter of lists has them. */
    Filters filter() {
        return labels.isEmpty() ? Filters.NONE : Filters.of("label", labels.toArray(String[]::new));
    }

    private static String decoded(String text, String value) {
        try {
            // a plus is a plus
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw invalid(text, e.getMessage());
        }
    }

    private static IllegalArgumentException invalid(String text, String reason) {
        return new IllegalArgumentException("invalid bind address (" + text + "): " + reason);
    }

    @Override
    public String toString() {
        return labels.isEmpty() ? address.toString() : address + " (what has " + String.join(", ", labels) + ")";
    }
}
