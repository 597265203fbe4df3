package dev.capas.api;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** What the Engine API has of builds. None are made here yet, so that there is no cache of theirs to remove; {@code docker system prune} asks all the same. */
@RestController
@Tag(name = "Image")
final class BuildController {
    /** {@code BuildPruneResponse} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "BuildPruneResponse")
    record Pruned(@Nullable List<String> cachesDeleted, long spaceReclaimed) {}

    /**
     * Removes what builds left to be used again, which is nothing.
     *
     * @param filters JSON: until, id, …
     * @param keep bytes that stay
     * @param dryRun only tells what would go
     */
    @PostMapping("/build/prune")
    Pruned pruneBuilds(
            @RequestParam(required = false) @Nullable String filters,
            @RequestParam(name = "keep-storage", required = false) @Nullable String keep,
            @RequestParam(name = "dry-run", defaultValue = "false") boolean dryRun) {
        if (keep != null && !keep.isEmpty() && !keep.matches("[+-]?[0-9]{1,18}")) {
            throw EngineException.invalidParameter("keep-storage is in bytes and expects an integer, got " + keep
                    + ": strconv.Atoi: parsing \"" + keep + "\": invalid syntax");
        }
        Filters.parse(filters);
        return new Pruned(null, 0);
    }
}
