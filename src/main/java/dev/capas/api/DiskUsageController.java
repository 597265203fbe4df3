package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.capas.container.ContainerList;
import dev.capas.container.ContainerSummary;
import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import dev.capas.image.ImageList;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** What everything weighs, tag System. */
@RestController
@Tag(name = "System")
final class DiskUsageController {
    private static final Set<String> TYPES = Set.of("container", "image", "volume", "build-cache");

    private final ImageList images;
    private final ContainerList containers;

    DiskUsageController(ImageList images, ContainerList containers) {
        this.images = images;
        this.containers = containers;
    }

    /**
     * The answer; a list is null where its type was not asked for.
     *
     * @param layersSize bytes of all distinct layers, each once
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude
    record DiskUsage(
            long layersSize,
            @Nullable List<ImageResponses.ListItem> images,
            @Nullable List<ContainerSummary> containers,
            @Nullable List<Object> volumes,
            @Nullable List<Object> buildCache) {}

    @GetMapping("/system/df")
    DiskUsage usage(
            @RequestParam(name = "type", required = false) @Nullable List<String> types, HttpServletRequest request) {
        Set<String> wanted = types == null ? TYPES : Set.copyOf(types);
        wanted.stream().filter(type -> !TYPES.contains(type)).findFirst().ifPresent(type -> {
            throw EngineException.invalidParameter("unknown object type: " + type);
        });
        boolean withImages = wanted.contains("image");
        return new DiskUsage(
                withImages ? images.layersSize() : 0,
                withImages ? imageItems(ApiVersion.of(request)) : null,
                wanted.contains("container") ? containers.list(Filters.parse(null), true, 0, true) : null,
                wanted.contains("volume") ? List.of() : null,
                wanted.contains("build-cache") ? List.of() : null);
    }

    private List<ImageResponses.ListItem> imageItems(ApiVersion version) {
        return images.list(Filters.parse(null), false, true).stream()
                .map(summary -> ImageResponses.listItem(summary, version))
                .toList();
    }
}
