package dev.capas.api;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** Whether the engine is there, and which versions of the API it speaks. */
@RestController
final class PingController {
    private static final byte[] OK = "OK".getBytes(StandardCharsets.US_ASCII);

    @GetMapping("/_ping")
    void ping(HttpServletResponse response) throws IOException {
        describe(response);
        response.setContentLength(OK.length);
        response.getOutputStream().write(OK);
    }

    @RequestMapping(path = "/_ping", method = RequestMethod.HEAD)
    void head(HttpServletResponse response) {
        describe(response);
        response.setContentLength(0);
    }

    /** Builder 1 is the classic one; outside a swarm the state is inactive. */
    private static void describe(HttpServletResponse response) {
        response.setHeader("Builder-Version", "1");
        response.setHeader("Swarm", "inactive");
        response.setHeader("Cache-Control", "no-cache, no-store, must-revalidate");
        response.setHeader("Pragma", "no-cache");
        response.setContentType("text/plain; charset=utf-8");
    }
}
