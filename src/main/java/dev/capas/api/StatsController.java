package dev.capas.api;

import dev.capas.container.ContainerStats;
import dev.capas.container.ContainerTop;
import dev.capas.container.Stats;
import dev.capas.oci.Json;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What the processes of a container are, and what they use, tag Container. */
@RestController
@Tag(name = "Container")
final class StatsController {
    private final ContainerStats stats;
    private final ContainerTop top;
    private final Listening listening;

    StatsController(ContainerStats stats, ContainerTop top, Listening listening) {
        this.stats = stats;
        this.top = top;
        this.listening = listening;
    }

    /**
     * Lists the processes of a container as {@code ps} shows them.
     *
     * @param id name, ID, or the beginning of an ID
     * @param arguments for ps
     */
    @GetMapping("/containers/{id}/top")
    ContainerTop.Table top(
            @PathVariable String id, @RequestParam(name = "ps_args", defaultValue = "-ef") String arguments) {
        return top.list(id, arguments);
    }

    /**
     * Measures what a container uses, each second.
     *
     * @param id name, ID, or the beginning of an ID
     * @param stream false for one line
     * @param oneShot that one line at once, without the second before it to compare with
     */
    @GetMapping("/containers/{id}/stats")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = Stats.class)))
    void stats(
            @PathVariable String id,
            @RequestParam(defaultValue = "true") boolean stream,
            @RequestParam(name = "one-shot", defaultValue = "") boolean oneShot,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException, InterruptedException {
        if (!stream) {
            byte[] line = Json.MAPPER.writeValueAsBytes(stats.once(id, oneShot));
            response.setContentType("application/json");
            write(response.getOutputStream(), line);
            return;
        }
        response.setContentType("application/json");
        ServletOutputStream out = response.getOutputStream();
        listening.answer(request, () -> stats.stream(id, sample -> write(out, Json.MAPPER.writeValueAsBytes(sample))));
    }

    private static void write(ServletOutputStream out, byte[] line) throws IOException {
        out.write(line);
        out.write('\n');
        out.flush();
    }
}
