package dev.capas.api;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.NoHandlerFoundException;

/**
 * What dockerd does for every route it knows: the headers that say who answers, and the refusal of versions that are too old
 * or too new. An unknown route has neither, nor has the page.
 */
final class ApiInterceptor implements HandlerInterceptor {
    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
            throws NoHandlerFoundException, IOException {
        if (handler instanceof HandlerMethod method && method.getBeanType() == PageController.class) {
            return true;
        }
        if (request.getMethod().equals("HEAD") && handler instanceof HandlerMethod method && !answersHead(method)) {
            throw new NoHandlerFoundException("HEAD", request.getRequestURI(), HttpHeaders.EMPTY);
        }
        response.setHeader("Api-Version", ApiVersion.CURRENT.text());
        response.setHeader("Ostype", "linux");
        response.setHeader("Server", EngineVersion.SERVER);
        ApiVersion version = ApiVersion.of(request);
        if (version.tooOld()) {
            response.setStatus(HttpServletResponse.SC_BAD_REQUEST);
            response.setHeader("X-Content-Type-Options", "nosniff");
            PlainText.write(request, response, version.tooOldMessage() + "\n");
            return false;
        }
        version.checkNotTooNew();
        response.setHeader("Docker-Experimental", "false");
        return true;
    }

    /** Spring answers HEAD wherever there is a GET; Docker has it for a few routes only. */
    private static boolean answersHead(HandlerMethod method) {
        RequestMapping mapping = AnnotatedElementUtils.findMergedAnnotation(method.getMethod(), RequestMapping.class);
        return mapping == null || Set.of(mapping.method()).contains(RequestMethod.HEAD);
    }
}
