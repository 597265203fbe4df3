package dev.capas.api;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Slice;
import dev.capas.oci.Digest;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;

/**
 * Which part of a list a client asks for: {@code limit} items, behind what its {@code cursor} says. The cursor comes from the
 * {@code Link} header (RFC 8288, {@code rel="next"}) of the part before and holds for the same query only; its inside is no
 * promise. Without a limit the list comes whole.
 */
final class Page {
    private static final String LIMIT = "limit";
    private static final String CURSOR = "cursor";

    /** How many characters of a cursor say which query it is of. */
    private static final int MARK = 12;

    private final HttpServletRequest request;
    private final int limit;
    private final @Nullable String after;

    private Page(HttpServletRequest request) {
        this.request = request;
        this.limit = limit(request.getParameter(LIMIT));
        this.after = after(request.getParameter(CURSOR));
    }

    /**
     * The part that the request asks for.
     *
     * @throws EngineException if the limit is no positive number, or the cursor is of another query (400)
     */
    static Page of(HttpServletRequest request) {
        return new Page(request);
    }

    /** How many items at most; {@link Integer#MAX_VALUE} where the client does not say. */
    int limit() {
        return limit;
    }

    /** The {@link Slice#next()} of the part before; null for the first. What a client has made up may be anything. */
    @Nullable
    String after() {
        return after;
    }

    /** The answer: JSON or a table, whichever the client accepts, with the link to what follows. */
    ResponseEntity<Object> answer(Slice<?> slice, Object json, Supplier<TextTable> table) {
        ResponseEntity<Object> answer = Answer.of(request, json, table);
        return slice.next() == null
                ? answer
                : ResponseEntity.status(answer.getStatusCode())
                        .headers(answer.getHeaders())
                        .header("Link", "<" + next(slice.next()) + ">; rel=\"next\"")
                        .body(answer.getBody());
    }

    /** Where the next part is. */
    private String next(String last) {
        byte[] cursor = (mark() + last).getBytes(StandardCharsets.UTF_8);
        Map<String, String[]> parameters = query();
        parameters.put(LIMIT, new String[] {Integer.toString(limit)});
        parameters.put(
                CURSOR, new String[] {Base64.getUrlEncoder().withoutPadding().encodeToString(cursor)});
        String version =
                request.getAttribute(ApiVersion.ATTRIBUTE) instanceof ApiVersion asked ? "/v" + asked.text() : "";
        return version + request.getRequestURI() + "?" + text(parameters);
    }

    private static int limit(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Integer.MAX_VALUE;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit > 0 && limit < Integer.MAX_VALUE) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // told of below
        }
        throw EngineException.invalidParameter("invalid limit '" + text + "': a positive number is needed");
    }

    private @Nullable String after(@Nullable String cursor) {
        if (cursor == null || cursor.isEmpty()) {
            return null;
        }
        try {
            String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            if (text.startsWith(mark())) {
                return text.substring(MARK);
            }
        } catch (IllegalArgumentException e) {
            // told of below
        }
        throw Slice.invalidCursor();
    }

    /** What tells this query from others: the path and all parameters but those that move through the list. */
    private String mark() {
        String query = request.getRequestURI() + "?" + text(query());
        return Digest.ofContent(query.getBytes(StandardCharsets.UTF_8)).hex().substring(0, MARK);
    }

    private Map<String, String[]> query() {
        Map<String, String[]> parameters = new TreeMap<>(request.getParameterMap());
        parameters.keySet().removeAll(Set.of(LIMIT, CURSOR));
        return parameters;
    }

    private static String text(Map<String, String[]> parameters) {
        return parameters.entrySet().stream()
                .flatMap(entry ->
                        Arrays.stream(entry.getValue()).map(value -> encode(entry.getKey()) + "=" + encode(value)))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
