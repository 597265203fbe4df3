package dev.capas.api;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Slice;
import dev.capas.registry.Credentials;
import dev.capas.usage.Budget;
import dev.capas.usage.BudgetRules;
import dev.capas.usage.Comparison;
import dev.capas.usage.FileComparison;
import dev.capas.usage.FileDifference;
import dev.capas.usage.FileListing;
import dev.capas.usage.FileQuery;
import dev.capas.usage.ImageBudget;
import dev.capas.usage.ImageComparison;
import dev.capas.usage.ListedFile;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.catalina.connector.Request;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What lies in images and containers: files, comparisons, budgets. None of them is in Docker's API. */
@RestController
@Tag(name = "Image")
final class FileController {
    /** How many differences come where the client does not say. */
    private static final int DIFFERENCES = 100;

    private final FileListing files;
    private final ImageComparison comparison;
    private final ImageBudget budget;

    FileController(FileListing files, ImageComparison comparison, ImageBudget budget) {
        this.files = files;
        this.comparison = comparison;
        this.budget = budget;
    }

    /**
     * Lists files of an image with what they weigh and the layer that each comes from: the merged tree, without a walk.
     *
     * @param name name or ID
     * @param path where; percent-encoded byte for byte. Neither patterns nor symbolic links are followed.
     * @param depth how many levels below the path; 0 for what lies there itself
     * @param sort path, size or files; with a - before it the largest first
     */
    @GetMapping("/images/{name}/files")
    @Paged
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = "application/json",
                        array = @ArraySchema(schema = @Schema(implementation = FileResponses.Item.class))),
                @Content(mediaType = "text/plain", schema = @Schema(type = "string"))
            })
    ResponseEntity<Object> ofImage(
            @PathVariable String name,
            @RequestParam(defaultValue = "/") String path,
            @RequestParam(defaultValue = "1") int depth,
            @RequestParam(defaultValue = "path") String sort,
            HttpServletRequest request) {
        Page page = Page.of(request);
        return listed(page, files.ofImage(name, query(request, depth, sort, page)));
    }

    /**
     * Lists files of a container, running or not, its own on those of its image.
     *
     * @param id name or ID
     * @param path where; percent-encoded byte for byte. Neither patterns nor symbolic links are followed.
     * @param depth how many levels below the path; 0 for what lies there itself
     * @param sort path, size or files; with a - before it the largest first
     */
    @GetMapping("/containers/{id}/files")
    @Paged
    @Tag(name = "Container")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = "application/json",
                        array = @ArraySchema(schema = @Schema(implementation = FileResponses.Item.class))),
                @Content(mediaType = "text/plain", schema = @Schema(type = "string"))
            })
    ResponseEntity<Object> ofContainer(
            @PathVariable String id,
            @RequestParam(defaultValue = "/") String path,
            @RequestParam(defaultValue = "1") int depth,
            @RequestParam(defaultValue = "path") String sort,
            HttpServletRequest request) {
        Page page = Page.of(request);
        return listed(page, files.ofContainer(id, query(request, depth, sort, page)));
    }

    /**
     * Compares an image with another one: sizes, layers and files. A base that is not here is looked up in its registry, and only its
     * manifest and configuration are fetched; its files are null then.
     *
     * @param name name or ID
     * @param base name or ID of the image to compare with
     * @param change lists only those added, changed, changed in nothing but mode, owner or attributes (metadata), or removed
     * @param sort path or size (the larger of both); with a - before it the largest first
     * @param auth credentials for the registry as JSON in Base64
     */
    @GetMapping("/images/{name}/compare")
    @Paged
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = FileResponses.Compared.class)),
                @Content(mediaType = "text/plain", schema = @Schema(type = "string"))
            })
    ResponseEntity<Object> compare(
            @PathVariable String name,
            @RequestParam(defaultValue = "") String base,
            @RequestParam(required = false) @Nullable String change,
            @RequestParam(defaultValue = "-size") String sort,
            @RequestHeader(name = "X-Registry-Auth", required = false) @Nullable String auth,
            HttpServletRequest request) {
        Page page = Page.of(request, DIFFERENCES);
        Comparison compared = comparison.compare(name, base, (distribution, reference, platform) -> {
            requireAll(request, base);
            return distribution.describe(reference, platform, Credentials.ofHeader(auth));
        });
        FileComparison compareFiles = compared.files();
        Slice<FileDifference> slice = compareFiles == null
                ? new Slice<>(List.of(), null)
                : compareFiles.slice(change, sort, page.limit(), page.after());
        return page.answer(
                slice,
                FileResponses.compared(compared, slice.items()),
                () -> FileResponses.text(compared, slice.items()));
    }

    /**
     * Checks what an image weighs: 200 where all rules hold but those that only warn, 422 with the same document where one does not.
     *
     * @param name name or ID
     * @param max the bytes of its layers, such as 200MB
     * @param base the image that it may be larger than by maxGrowth
     * @param maxGrowth bytes
     * @param maxWasted bytes of lower layers' files that upper layers hide, and of layers that occur again
     * @param above the image whose layers, at the bottom of this one, do not count
     * @param warn the rules that only warn, with commas between
     */
    @GetMapping("/images/{name}/budget")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = BudgetResponses.Checked.class)),
                @Content(mediaType = "text/plain", schema = @Schema(type = "string"))
            })
    @ApiResponse(
            responseCode = "422",
            description = "a rule does not hold",
            content = {
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = BudgetResponses.Checked.class)),
                @Content(mediaType = "text/plain", schema = @Schema(type = "string"))
            })
    ResponseEntity<Object> budget(
            @PathVariable String name,
            @RequestParam(required = false) @Nullable String max,
            @RequestParam(required = false) @Nullable String base,
            @RequestParam(required = false) @Nullable String maxGrowth,
            @RequestParam(required = false) @Nullable String maxWasted,
            @RequestParam(required = false) @Nullable String above,
            @RequestParam(required = false) @Nullable List<String> warn,
            HttpServletRequest request) {
        Budget checked = budget.check(name, BudgetRules.of(request.getParameterMap()));
        return Answer.of(
                request,
                checked.passed() ? HttpStatus.OK : HttpStatus.UNPROCESSABLE_CONTENT,
                BudgetResponses.checked(checked),
                () -> BudgetResponses.text(checked));
    }

    /** Whoever may only read does not make the engine call somebody else. */
    private static void requireAll(HttpServletRequest request, String base) {
        Request tomcat = (Request) request.getAttribute(HijackValve.REQUEST);
        if (tomcat.getConnector() instanceof ReadOnlyConnector) {
            throw EngineException.forbidden(
                    "no image " + base + " is here, and this listener is read-only: its registry is not asked");
        }
    }

    private static ResponseEntity<Object> listed(Page page, Slice<ListedFile> slice) {
        return page.answer(slice, FileResponses.items(slice.items()), () -> FileResponses.table(slice.items()));
    }

    private static FileQuery query(HttpServletRequest request, int depth, String sort, Page page) {
        return new FileQuery(path(request), depth, sort, page.limit(), page.after());
    }

    /** As it stands in the query, for a path need not be text. */
    private static String path(HttpServletRequest request) {
        return Arrays.stream(
                        Objects.requireNonNullElse(request.getQueryString(), "").split("&"))
                .filter(parameter -> parameter.startsWith("path="))
                .map(parameter -> parameter.substring("path=".length()))
                .findFirst()
                .orElse("");
    }
}
