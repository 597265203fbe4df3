package dev.capas.api;

import dev.capas.container.ContainerList;
import dev.capas.container.ContainerSummary;
import dev.capas.filter.Filters;
import dev.capas.usage.Figures;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Figures for monitors, tag System. */
@RestController
@Tag(name = "System")
final class MetricsController {
    private final Figures figures;
    private final ContainerList containers;
    private final RequestTimes times;

    MetricsController(Figures figures, ContainerList containers, RequestTimes times) {
        this.figures = figures;
        this.containers = containers;
        this.times = times;
    }

    /**
     * Tells figures in the text format of Prometheus.
     *
     * @param each also the bytes that each container has written, for which those that run are walked
     */
    @GetMapping("/metrics")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = "text/plain", schema = @Schema(type = "string")))
    void metrics(@RequestParam(name = "containers", defaultValue = "") boolean each, HttpServletResponse response)
            throws IOException {
        List<ContainerSummary> measured = each ? containers.list(Filters.NONE, true, 0, true) : List.of();
        Metrics.write(figures.totals(), times.histograms(), measured, response);
    }
}
