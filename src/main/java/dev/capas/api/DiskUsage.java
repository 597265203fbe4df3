package dev.capas.api;

import dev.capas.container.ContainerSummary;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The answer to {@code GET /system/df}; what was not asked for is null.
 *
 * @param layersSize the bytes of all layers, each once
 * @param volumes those without options
 * @param buildCache none yet
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
record DiskUsage(
        long layersSize,
        @Nullable List<ImageResponses.ListItem> images,
        @Nullable List<ContainerSummary> containers,
        @Nullable List<VolumeResponse> volumes,
        @Nullable List<Object> buildCache) {}
