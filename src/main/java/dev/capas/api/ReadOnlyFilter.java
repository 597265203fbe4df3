package dev.capas.api;

import dev.capas.filter.Visibility;
import dev.capas.oci.Json;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.apache.catalina.connector.Request;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets through a {@link ReadOnlyConnector} what {@link ReadOnlyRoutes} allow, and out what {@link Redaction} leaves. */
@Component
@Order(1)
final class ReadOnlyFilter extends OncePerRequestFilter {
    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Request tomcat = (Request) request.getAttribute(HijackValve.REQUEST);
        if (!(tomcat.getConnector() instanceof ReadOnlyConnector listener)) {
            chain.doFilter(request, response);
            return;
        }
        Optional<ReadOnlyRoutes.Route> route = request.getHeader("Upgrade") == null
                ? listener.routes().find(request.getMethod(), request.getRequestURI())
                : Optional.empty();
        if (route.isEmpty()) {
            refuse(request, response);
        } else {
            Visibility.limit(listener.labels(), () -> answer(route.get(), request, response, chain));
        }
    }

    private static void answer(
            ReadOnlyRoutes.Route route, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException {
        try {
            if (route.form() == ReadOnlyRoutes.Form.OPEN) {
                chain.doFilter(request, response);
                return;
            }
            RedactedResponse redacted = new RedactedResponse(response, route.form() == ReadOnlyRoutes.Form.LINES);
            chain.doFilter(new WantingJson(request), redacted);
            redacted.finish();
        } catch (ServletException e) {
            throw new IOException(e);
        }
    }

    private static void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setStatus(HttpServletResponse.SC_FORBIDDEN);
        response.setContentType("application/json");
        response.getOutputStream()
                .write(Json.MAPPER.writeValueAsBytes(new ErrorAdvice.Failure(request.getMethod() + " "
                        + request.getRequestURI() + " is refused: this listener is read-only")));
        response.getOutputStream().write('\n');
    }

    /** A request that does not accept text, which could not be redacted. */
    private static final class WantingJson extends HttpServletRequestWrapper {
        WantingJson(HttpServletRequest request) {
            super(request);
        }

        @Override
        public @Nullable String getHeader(String name) {
            return name.equalsIgnoreCase("Accept") ? null : super.getHeader(name);
        }
    }
}
