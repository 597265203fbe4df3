package dev.capas.daemon;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A path of the Engine API with its query, as it stands in a request. */
final class ApiPath {
    private final StringBuilder text;
    private char separator = '?';

    private ApiPath(String text) {
        this.text = new StringBuilder(text);
    }

    /** The path of these segments, whatever characters they have. */
    static ApiPath of(String... segments) {
        return new ApiPath(Arrays.stream(segments).map(ApiPath::encode).collect(Collectors.joining("/", "/", "")));
    }

    /** Adds a parameter; nothing for null and false, one for each of several values. */
    ApiPath with(String name, @Nullable Object value) {
        if (value instanceof Collection<?> values) {
            values.forEach(each -> with(name, each));
        } else if (value != null && !value.equals(false)) {
            text.append(separator).append(encode(name)).append('=').append(encode(value.toString()));
            separator = '&';
        }
        return this;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
