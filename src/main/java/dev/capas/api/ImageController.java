package dev.capas.api;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import dev.capas.filter.Mapped;
import dev.capas.home.EngineHome;
import dev.capas.image.Image;
import dev.capas.image.ImageDeletion;
import dev.capas.image.ImageImport;
import dev.capas.image.ImageList;
import dev.capas.image.ImageLoad;
import dev.capas.image.ImagePrune;
import dev.capas.image.ImagePull;
import dev.capas.image.ImagePush;
import dev.capas.image.ImageSave;
import dev.capas.image.ImageStacks;
import dev.capas.image.Images;
import dev.capas.image.JsonMessage;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import dev.capas.oci.Platform;
import dev.capas.oci.Reference;
import dev.capas.registry.Credentials;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;

/** The Image tag of the Engine API. */
@RestController
@Tag(name = "Image")
final class ImageController {
    private final EngineHome home;
    private final Images images;
    private final ImageList list;
    private final ImageStacks stacks;
    private final ImageDeletion deletion;
    private final ImagePrune prune;
    private final ImageLoad load;
    private final ImageSave save;
    private final ImageImport imports;
    private final ImagePull pull;
    private final ImagePush push;

    ImageController(
            EngineHome home,
            Images images,
            ImageList list,
            ImageStacks stacks,
            ImageDeletion deletion,
            ImagePrune prune,
            ImageLoad load,
            ImageSave save,
            ImageImport imports,
            ImagePull pull,
            ImagePush push) {
        this.home = home;
        this.images = images;
        this.list = list;
        this.stacks = stacks;
        this.deletion = deletion;
        this.prune = prune;
        this.load = load;
        this.save = save;
        this.imports = imports;
        this.pull = pull;
        this.push = push;
    }

    /**
     * Lists images, the newest first.
     *
     * @param filters JSON: {"reference": ["a*"], …}
     * @param filter a name; before API 1.41
     * @param all also those that are only layers of others
     * @param sharedSize with the size that each shares with others
     * @param limit how many at most; 0 for all. Not of Docker's
     * @param layers with the layers of each. Not of Docker's
     */
    @GetMapping("/images/json")
    List<ImageResponses.ListItem> list(
            @RequestParam(required = false) @Nullable String filters,
            @RequestParam(required = false) @Nullable String filter,
            @RequestParam(defaultValue = "false") boolean all,
            @RequestParam(name = "shared-size", defaultValue = "false") boolean sharedSize,
            @RequestParam(defaultValue = "0") int limit,
            @RequestParam(defaultValue = "false") boolean layers,
            HttpServletRequest request) {
        ApiVersion version = ApiVersion.of(request);
        Filters wanted = Filters.parse(filters);
        if (filter != null && !filter.isEmpty() && version.before("1.41")) {
            wanted = wanted.and("reference", filter);
        }
        Map<Digest, List<Digest>> listed = layers ? stacks.all() : Map.of();
        return Mapped.of(
                list.list(wanted, all, sharedSize && !version.before("1.42"), limit),
                summary -> ImageResponses.listItem(summary, version)
                        .with(layers ? listed.getOrDefault(summary.image().id(), List.of()) : null));
    }

    /**
     * Tells all about an image.
     *
     * @param name name or ID
     * @param platform JSON: {"os": …, "architecture": …}
     * @param manifests not kept here; cannot stand beside a platform
     */
    @GetMapping("/images/{name}/json")
    ImageResponses.Inspect inspect(
            @PathVariable String name,
            @RequestParam(required = false) @Nullable String platform,
            @RequestParam(defaultValue = "false") boolean manifests,
            HttpServletRequest request) {
        Platform wanted = platform(platform);
        if (manifests && wanted != null) {
            throw EngineException.invalidParameter(
                    "conflicting options: manifests and platform options cannot both be set");
        }
        Image image = images.resolve(name, wanted);
        return ImageResponses.inspect(
                image, images.references(image.id()), images.damage(image), home, ApiVersion.of(request));
    }

    /**
     * Lists the steps that an image was made in, the last first.
     *
     * @param name name or ID
     * @param platform JSON: {"os": …, "architecture": …}
     */
    @GetMapping("/images/{name}/history")
    List<ImageResponses.History> history(
            @PathVariable String name, @RequestParam(required = false) @Nullable String platform) {
        return images.history(name, platform(platform)).stream()
                .map(ImageResponses::history)
                .toList();
    }

    /**
     * Gives an image one more name. Without one nothing is done and all is well, as in dockerd.
     *
     * @param name name or ID
     * @param repo the new name
     * @param tag its tag; latest where there is none
     */
    @PostMapping("/images/{name}/tag")
    @ApiResponse(responseCode = "201", content = @Content)
    ResponseEntity<Void> tag(
            @PathVariable String name,
            @RequestParam(defaultValue = "") String repo,
            @RequestParam(required = false) @Nullable String tag) {
        if (repo.isEmpty()) {
            return ResponseEntity.ok().build();
        }
        images.tag(name, repo, tag);
        return ResponseEntity.status(HttpStatus.CREATED).build();
    }

    /**
     * Takes a name from an image, and removes the image with its last one.
     *
     * @param name name or ID
     * @param force also where a stopped container is made of it
     * @param noprune keeps the images below it that have no name
     * @param dryRun only tells what would go
     */
    @DeleteMapping("/images/{name}")
    List<ImageResponses.Deleted> delete(
            @PathVariable String name,
            @RequestParam(defaultValue = "false") boolean force,
            @RequestParam(defaultValue = "false") boolean noprune,
            @RequestParam(name = "dry-run", defaultValue = "false") boolean dryRun) {
        return ImageResponses.deleted(
                dryRun ? deletion.preview(name, force, !noprune) : deletion.delete(name, force, !noprune));
    }

    /**
     * Removes images that nobody uses.
     *
     * @param filters JSON: {"dangling": ["false"], …}; without, only images without a name go
     * @param dryRun only tells what would go
     */
    @PostMapping("/images/prune")
    ImageResponses.Pruned prune(
            @RequestParam(required = false) @Nullable String filters,
            @RequestParam(name = "dry-run", defaultValue = "false") boolean dryRun) {
        Filters wanted = Filters.parse(filters);
        return ImageResponses.pruned(dryRun ? prune.preview(wanted) : prune.prune(wanted));
    }

    /**
     * Loads the images of an archive that {@code save} or a builder wrote, compressed or not.
     *
     * @param quiet without progress
     */
    @PostMapping("/images/load")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = JsonMessage.class)))
    @RequestBody(content = @Content(mediaType = "application/x-tar"), required = true)
    void load(
            @RequestParam(defaultValue = "true") boolean quiet,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        JsonStream stream = new JsonStream(response);
        stream.begin();
        streaming(stream, out -> load.load(request.getInputStream(), quiet, out));
    }

    /**
     * Pulls an image from a registry, or makes one of a tar of files.
     *
     * @param fromImage what to pull
     * @param fromSrc or where the files come from: - for the body, or a URL
     * @param repo the name of the new image
     * @param tag or a digest; of a pull, without one, latest
     * @param message what the new image is
     * @param changes lines of a Dockerfile
     * @param platform os/architecture/variant
     * @param auth credentials as JSON in Base64
     */
    @PostMapping("/images/create")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = JsonMessage.class)))
    @RequestBody(content = @Content(mediaType = "application/x-tar"))
    void create(
            @RequestParam(defaultValue = "") String fromImage,
            @RequestParam(defaultValue = "") String fromSrc,
            @RequestParam(defaultValue = "") String repo,
            @RequestParam(required = false) @Nullable String tag,
            @RequestParam(defaultValue = "") String message,
            @RequestParam(required = false) @Nullable List<String> changes,
            @RequestParam(required = false) @Nullable String platform,
            @RequestHeader(name = "X-Registry-Auth", required = false) @Nullable String auth,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Platform wanted = platform == null || platform.isEmpty() ? null : Platform.parse(platform);
        JsonStream stream = new JsonStream(response);
        if (!fromImage.isEmpty()) {
            Reference name = Reference.parse(fromImage, tag);
            Credentials credentials = Credentials.ofHeader(auth);
            streaming(stream, out -> pull.pull(name, wanted, credentials, out));
            return;
        }
        Reference name = repo.isEmpty() ? null : Reference.parse(repo, tag);
        List<String> lines = changes == null ? List.of() : changes;
        var asked = new ImageImport.Request(fromSrc, name, message, lines, wanted);
        streaming(stream, out -> imports.importTree(request.getInputStream(), asked, out));
    }

    /**
     * Sends an image to its registry.
     *
     * @param name without the tag
     * @param tag one; all where there is none
     * @param auth credentials as JSON in Base64
     */
    @PostMapping("/images/{name}/push")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = JsonMessage.class)))
    void push(
            @PathVariable String name,
            @RequestParam(required = false) @Nullable String tag,
            @RequestHeader(name = "X-Registry-Auth", required = false) @Nullable String auth,
            HttpServletResponse response) {
        JsonStream stream = new JsonStream(response);
        streaming(stream, out -> push.push(name, tag, Credentials.ofHeader(auth), out));
    }

    /**
     * Saves an image as an archive.
     *
     * @param name name or ID
     * @param platform JSON: {"os": …, "architecture": …}
     */
    @GetMapping("/images/{name}/get")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = "application/x-tar"))
    void get(
            @PathVariable String name,
            @RequestParam(required = false) @Nullable String platform,
            HttpServletResponse response)
            throws IOException {
        save(List.of(name), platform, response);
    }

    /**
     * Saves several images as one archive, their common layers once.
     *
     * @param names may be repeated
     * @param platform JSON: {"os": …, "architecture": …}
     */
    @GetMapping("/images/get")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = "application/x-tar"))
    void getAll(
            @RequestParam(required = false) @Nullable List<String> names,
            @RequestParam(required = false) @Nullable String platform,
            HttpServletResponse response)
            throws IOException {
        save(names == null ? List.of() : names, platform, response);
    }

    private void save(List<String> names, @Nullable String platform, HttpServletResponse response) throws IOException {
        try (ImageSave.Archive archive = save.open(names, platform(platform))) {
            response.setContentType("application/x-tar");
            archive.writeTo(response.getOutputStream());
        }
    }

    /** The parameter as a JSON document, as inspect, history and get have it since API 1.48. */
    private static @Nullable Platform platform(@Nullable String json) {
        if (json == null || json.isEmpty()) {
            return null;
        }
        try {
            @Nullable Platform platform = Json.MAPPER.readValue(json, Platform.class);
            if (platform == null || platform.os() == null || platform.architecture() == null) {
                throw EngineException.invalidParameter("both OS and Architecture must be provided");
            }
            return platform;
        } catch (JacksonException e) {
            throw EngineException.invalidParameter("failed to parse platform: "
                    + GoJson.explain(
                            e,
                            json.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                            Json.MAPPER.constructType(Platform.class)));
        }
    }

    /** Work that tells of its progress. */
    private interface Work {
        void run(Consumer<JsonMessage> out) throws IOException;
    }

    private static void streaming(JsonStream stream, Work work) {
        try {
            work.run(stream::write);
        } catch (EngineException e) {
            stream.fail(e);
        } catch (IOException e) {
            stream.fail(EngineException.system(Objects.requireNonNullElse(e.getMessage(), e.toString()), e));
        }
    }
}
