package dev.capas.api;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
