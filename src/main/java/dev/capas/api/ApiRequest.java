package dev.capas.api;

import dev.capas.errdefs.EngineException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request whose path is the one that the controllers are mapped to: without the version before it, and with the slashes of a
 * name encoded, for clients may send {@code /images/a/b:1/json} and {@code /images/a%2Fb:1/json} for the same image.
 */
final class ApiRequest extends HttpServletRequestWrapper {
    private static final Pattern VERSIONED = Pattern.compile("/v([0-9.]+)(/.*)");
    private static final Pattern NAMED = Pattern.compile(
            "(/(?:images|distribution|plugins|containers|volumes|networks|exec)/)(.+?)(/attach/ws|/[^/]+)?");

    private final String path;

    ApiRequest(HttpServletRequest request) {
        super(request);
        String uri = request.getRequestURI();
        Matcher versioned = VERSIONED.matcher(uri);
        if (versioned.matches()) {
            setAttribute(ApiVersion.ATTRIBUTE, new ApiVersion(versioned.group(1)));
            uri = versioned.group(2);
        }
        path = withEncodedName(uri, request.getMethod().equals("DELETE"));
    }

    private static String withEncodedName(String path, boolean endsInName) {
        Matcher named = NAMED.matcher(path);
        if (!named.matches() || named.group(3) == null) {
            return path;
        }
        return endsInName
                ? named.group(1) + (named.group(2) + named.group(3)).replace("/", "%2F")
                : named.group(1) + named.group(2).replace("/", "%2F") + named.group(3);
    }

    /** Go takes bytes that are no text in a query, where Tomcat fails; null where there are none, and Tomcat may read it. */
    private static @Nullable Map<String, String[]> parameters(@Nullable String query) {
        if (query == null || query.indexOf('%') < 0) {
            return null;
        }
        try {
            byte[] bytes = URLDecoder.decode(query, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1);
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return null;
        } catch (CharacterCodingException e) {
            Map<String, List<String>> values = new LinkedHashMap<>();
            for (String pair : query.split("&")) {
                int equals = pair.indexOf('=');
                values.computeIfAbsent(decode(equals < 0 ? pair : pair.substring(0, equals)), n -> new ArrayList<>())
                        .add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
            Map<String, String[]> parameters = new LinkedHashMap<>();
            values.forEach((name, all) -> parameters.put(name, all.toArray(String[]::new)));
            return parameters;
        } catch (IllegalArgumentException e) {
            throw EngineException.invalidParameter("invalid URL escape in the query: " + e.getMessage());
        }
    }

    private static String decode(String encoded) {
        return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    }

    @Override
    public @Nullable String getParameter(String name) {
        String[] values = getParameterValues(name);
        return values == null || values.length == 0 ? null : values[0];
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
        Map<String, String[]> own = parameters();
        return own == null ? super.getParameterValues(name) : own.get(name);
    }

    @Override
    public Map<String, String[]> getParameterMap() {
        Map<String, String[]> own = parameters();
        return own == null ? super.getParameterMap() : own;
    }

    @Override
    public Enumeration<String> getParameterNames() {
        Map<String, String[]> own = parameters();
        return own == null ? super.getParameterNames() : Collections.enumeration(own.keySet());
    }

    /** Not before a controller asks: what is wrong is told by {@link ErrorAdvice}. */
    private @Nullable Map<String, String[]> parameters() {
        return parameters(getQueryString());
    }

    @Override
    public String getRequestURI() {
        return path;
    }

    @Override
    public StringBuffer getRequestURL() {
        return new StringBuffer(path);
    }

    @Override
    public String getServletPath() {
        return path;
    }
}
