package dev.capas.api;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Keeps web pages away from an engine that listens on TCP: a page may make a browser send requests to this machine, under a
 * name of its own that resolves to it. A client that reached a Unix socket, or showed a certificate, is none.
 */
@Component
@Order(0)
final class OriginFilter extends OncePerRequestFilter {
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[[0-9a-fA-F:.%]+]");
    private static final Pattern PORT = Pattern.compile(":\\d*$");

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return request.getScheme().equals("unix")
                || request.getAttribute("jakarta.servlet.request.X509Certificate") != null;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String host = request.getHeader("Host");
        String origin = request.getHeader("Origin");
        if (!isThisMachine(host) || (origin != null && !origin.equals(request.getScheme() + "://" + host))) {
            response.setStatus(HttpServletResponse.SC_FORBIDDEN);
            response.setContentType("application/json");
            response.getOutputStream().print("{\"message\":\"requests of web pages are refused\"}\n");
            return;
        }
        chain.doFilter(request, response);
    }

    /** A name without dots is nothing that a stranger can own; this machine's own name is its own. */
    private static boolean isThisMachine(@Nullable String header) {
        if (header == null || header.isEmpty()) {
            return true;
        }
        String host = PORT.matcher(header).replaceFirst("").toLowerCase(Locale.ROOT);
        return ADDRESS.matcher(host).matches()
                || host.indexOf('.') < 0
                || host.endsWith(".localhost")
                || host.equals(ownName());
    }

    private static String ownName() {
        try {
            return InetAddress.getLocalHost().getCanonicalHostName().toLowerCase(Locale.ROOT);
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
