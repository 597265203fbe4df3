package dev.capas.api;

import dev.capas.filter.Filters;
import dev.capas.filter.Mapped;
import dev.capas.filter.Slice;
import dev.capas.usage.LayerContents;
import dev.capas.usage.LayerQuery;
import dev.capas.usage.Layers;
import dev.capas.usage.StackStep;
import dev.capas.usage.Stacks;
import dev.capas.usage.UsedLayer;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Layers, who shares them, and what they weigh: routes that Docker does not have. */
@RestController
@Tag(name = "Layer")
final class LayerController {
    private final Layers layers;
    private final Stacks stacks;

    LayerController(Layers layers, Stacks stacks) {
        this.layers = layers;
        this.stacks = stacks;
    }

    /**
     * Lists layers and who uses them.
     *
     * @param filters JSON: {"image": ["debian"], …}, the same as the parameters of these names
     * @param unused only those that no container uses
     * @param image only those of this image; may be repeated
     * @param container only those of this container; may be repeated
     * @param larger only those of more bytes, such as 10MB
     * @param sort created, size, diskUsage, compressedSize, files, diffID, lastUsed or refCount; with a - before it the largest or latest
     *     first. The default is -created.
     */
    @GetMapping("/layers")
    @Paged
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = "application/json",
                        array = @ArraySchema(schema = @Schema(implementation = LayerResponses.Item.class))),
                @Content(mediaType = "text/plain", schema = @Schema(type = "string"))
            })
    ResponseEntity<Object> list(
            @RequestParam(required = false) @Nullable String filters,
            @RequestParam(defaultValue = "false") boolean unused,
            @RequestParam(required = false) @Nullable List<String> image,
            @RequestParam(required = false) @Nullable List<String> container,
            @RequestParam(required = false) @Nullable String larger,
            @RequestParam(required = false) @Nullable String sort,
            HttpServletRequest request) {
        Filters wanted = Filters.parse(filters);
        if (unused) {
            wanted = wanted.and("unused", "true");
        }
        for (String name : image == null ? List.<String>of() : image) {
            wanted = wanted.and("image", name);
        }
        for (String name : container == null ? List.<String>of() : container) {
            wanted = wanted.and("container", name);
        }
        if (larger != null) {
            wanted = wanted.and("larger", larger);
        }
        Page page = Page.of(request);
        Slice<UsedLayer> slice = layers.list(LayerQuery.of(wanted, sort), page.limit(), page.after());
        return page.answer(
                slice, Mapped.of(slice.items(), LayerResponses::item), () -> LayerResponses.table(slice.items()));
    }

    /**
     * Tells all about a layer: who uses it, its largest files, what it takes away from those below.
     *
     * @param diffId with or without sha256:, or as many digits as tell it from others
     */
    @GetMapping("/layers/{diffId}")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = LayerResponses.Inspect.class)),
                @Content(mediaType = "text/plain", schema = @Schema(type = "string"))
            })
    ResponseEntity<Object> inspect(@PathVariable String diffId, HttpServletRequest request) {
        UsedLayer used = layers.get(diffId);
        LayerContents contents = layers.contents(used.layer().diffId());
        return Answer.of(request, LayerResponses.inspect(used, contents), () -> LayerResponses.text(used, contents));
    }

    /**
     * Lists the steps that made an image, bottom first, also those that made no layer, with what each weighs, shares and wastes.
     *
     * @param name name or ID
     */
    @GetMapping("/images/{name}/layers")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = "application/json",
                        array = @ArraySchema(schema = @Schema(implementation = StackResponses.Step.class))),
                @Content(mediaType = "text/plain", schema = @Schema(type = "string"))
            })
    ResponseEntity<Object> image(@PathVariable String name, HttpServletRequest request) {
        return answer(request, stacks.ofImage(name));
    }

    /**
     * Lists the steps that made a container's image, bottom first, and on top what the container has written itself.
     *
     * @param id name or ID
     */
    @GetMapping("/containers/{id}/layers")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = "application/json",
                        array = @ArraySchema(schema = @Schema(implementation = StackResponses.Step.class))),
                @Content(mediaType = "text/plain", schema = @Schema(type = "string"))
            })
    ResponseEntity<Object> container(@PathVariable String id, HttpServletRequest request) {
        return answer(request, stacks.ofContainer(id));
    }

    private static ResponseEntity<Object> answer(HttpServletRequest request, List<StackStep> steps) {
        return Answer.of(request, steps.stream().map(StackResponses::step).toList(), () -> StackResponses.table(steps));
    }
}
