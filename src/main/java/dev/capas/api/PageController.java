package dev.capas.api;

import dev.capas.errdefs.EngineException;
import dev.capas.oci.Digest;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.catalina.connector.Request;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * The page that shows what {@code /layers}, {@code /images} and {@code /containers} tell: files of the class path, read when they are asked
 * for. The page knows nothing that the API does not say.
 */
@RestController
@Hidden
final class PageController {
    private static final String PAGE = "index.html";
    private static final String LIBRARY = "/META-INF/resources/webjars/d3/7.9.0/dist/d3.min.js";

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    /** Scripts and styles come from files of this server alone, so that no name can become either. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** Sends browsers, which ask for HTML, to the page; for others there is nothing here. */
    @GetMapping("/")
    void root(HttpServletRequest request, HttpServletResponse response) {
        String accept = request.getHeader("Accept");
        if (accept == null || !accept.contains("text/html")) {
            throw EngineException.notFound("page not found");
        }
        redirect(response, "ui");
    }

    /** Relative names in the page are those beside {@code /ui}. */
    @GetMapping("/ui/")
    void directory(HttpServletResponse response) {
        redirect(response, "../ui");
    }

    /** The page itself; it is told whether this listener lets it delete anything. */
    @GetMapping("/ui")
    void page(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Request tomcat = (Request) request.getAttribute(HijackValve.REQUEST);
        byte[] page = resource("/ui/" + PAGE);
        if (tomcat.getConnector() instanceof ReadOnlyConnector) {
            page = new String(page, StandardCharsets.UTF_8)
                    .replace("<html ", "<html data-read-only ")
                    .getBytes(StandardCharsets.UTF_8);
        }
        response.setHeader("Content-Security-Policy", POLICY);
        send(request, response, PAGE, page);
    }

    /** A part of the page; asked for again each time, and sent where it has changed. */
    @GetMapping("/ui/{file:[a-z]+\\.(?:js|css|svg)}")
    void part(@PathVariable String file, HttpServletRequest request, HttpServletResponse response) throws IOException {
        send(request, response, file, resource("/ui/" + file));
    }

    /** The library that draws, under its version, so that a browser never asks for it twice. */
    @GetMapping("/ui/d3/7.9.0/d3.min.js")
    void library(HttpServletResponse response) throws IOException {
        response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
        write(response, LIBRARY, resource(LIBRARY));
    }

    private static void redirect(HttpServletResponse response, String location) {
        response.setStatus(HttpServletResponse.SC_FOUND);
        response.setHeader("Location", location);
    }

    private static void send(HttpServletRequest request, HttpServletResponse response, String file, byte[] bytes)
            throws IOException {
        String tag = "\"" + Digest.ofContent(bytes).shortHex() + "\"";
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("ETag", tag);
        if (tag.equals(request.getHeader("If-None-Match"))) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
        } else {
            write(response, file, bytes);
        }
    }

    private static void write(HttpServletResponse response, String file, byte[] bytes) throws IOException {
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setContentType(TYPES.get(file.substring(file.lastIndexOf('.') + 1)));
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }

    private static byte[] resource(String name) throws IOException {
        try (@Nullable InputStream stream = PageController.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw EngineException.notFound("page not found");
            }
            return stream.readAllBytes();
        }
    }
}
