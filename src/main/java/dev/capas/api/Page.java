package dev.capas.api;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Slice;
import dev.capas.oci.Digest;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    private Page(HttpServletRequest request, int otherwise) {
        this.request = request;
        this.limit = limit(request.getParameter(LIMIT), otherwise);
        this.after = after(request.getParameter(CURSOR));
    }

    /**
     * The part that the request asks for.
     *
     * @throws EngineException if the limit is no positive number, or the cursor is of another query (400)
     */
    static Page of(HttpServletRequest request) {
        return new Page(request, Integer.MAX_VALUE);
    }

    /** The same for a list that never comes whole: so many items at most where the client does not say. */
    static Page of(HttpServletRequest request, int otherwise) {
        return new Page(request, otherwise);
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

    /** The answer: JSON or text, whichever the client accepts, with the link to what follows. */
    ResponseEntity<Object> answer(Slice<?> slice, Object json, Supplier<?> text) {
        ResponseEntity<Object> answer = Answer.of(request, json, text);
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
        Map<String, List<String>> parameters = query();
        parameters.put(LIMIT, List.of(Integer.toString(limit)));
        parameters.put(CURSOR, List.of(Base64.getUrlEncoder().withoutPadding().encodeToString(cursor)));
        String version =
                request.getAttribute(ApiVersion.ATTRIBUTE) instanceof ApiVersion asked ? "/v" + asked.text() : "";
        return version + request.getRequestURI() + "?" + text(parameters);
    }

    private static int limit(@Nullable String text, int otherwise) {
        if (text == null || text.isEmpty()) {
            return otherwise;
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

    /** As bytes, each a character: a path in a query need not be text. */
    private Map<String, List<String>> query() {
        Map<String, List<String>> parameters = new TreeMap<>();
        String query = Objects.requireNonNullElse(request.getQueryString(), "");
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            if (!name.isEmpty() && !name.equals(LIMIT) && !name.equals(CURSOR)) {
                parameters
                        .computeIfAbsent(name, first -> new ArrayList<>())
                        .add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String text(Map<String, List<String>> parameters) {
        return parameters.entrySet().stream()
                .flatMap(entry -> entry.getValue().stream().map(value -> encode(entry.getKey()) + "=" + encode(value)))
                .collect(Collectors.joining("&"));
    }

    private static String decode(String encoded) {
        // a client may send what is not ASCII as it is
        String ascii = new String(encoded.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        return URLDecoder.decode(ascii, StandardCharsets.ISO_8859_1);
    }

    private static String encode(String bytes) {
        return URLEncoder.encode(bytes, StandardCharsets.ISO_8859_1);
    }
}
