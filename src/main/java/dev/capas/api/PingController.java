package dev.capas.api;

import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** Whether the engine is there, and which versions of the API it speaks. */
@RestController
@Tag(name = "System")
final class PingController {
    /** Answers OK where the engine is there; the headers tell what it speaks. */
    @GetMapping("/_ping")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "text/plain", schema = @Schema(implementation = String.class)))
    void ping(HttpServletRequest request, HttpServletResponse response) throws IOException {
        describe(response);
        PlainText.write(request, response, "OK");
    }

    /** The headers alone. */
    @RequestMapping(path = "/_ping", method = RequestMethod.HEAD)
    void pingHead(HttpServletRequest request, HttpServletResponse response) {
        describe(response);
        PlainText.describe(request, response, 0);
    }

    /** Builder 1 is the classic one; outside a swarm the state is inactive. */
    private static void describe(HttpServletResponse response) {
        response.setHeader("Builder-Version", "1");
        response.setHeader("Swarm", "inactive");
        response.setHeader("Cache-Control", "no-cache, no-store, must-revalidate");
        response.setHeader("Pragma", "no-cache");
    }
}
