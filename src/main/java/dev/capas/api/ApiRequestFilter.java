package dev.capas.api;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Hands every request on as an {@link ApiRequest}; a path that is not clean is redirected to the clean one, as Go's router does. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ApiRequestFilter extends OncePerRequestFilter {
    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String path = request.getRequestURI();
        if (path.contains("//") || path.contains("/./") || path.contains("/../")) {
            String clean = URI.create(path.replaceAll("/+", "/")).normalize().toString();
            response.setStatus(HttpServletResponse.SC_MOVED_PERMANENTLY);
            response.setHeader(
                    "Location", request.getQueryString() == null ? clean : clean + "?" + request.getQueryString());
            return;
        }
        chain.doFilter(new ApiRequest(request), response);
    }
}
