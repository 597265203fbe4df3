package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.container.Container;
import dev.capas.container.ContainerCommit;
import dev.capas.container.ContainerConfig;
import dev.capas.container.ContainerInspect;
import dev.capas.container.ContainerList;
import dev.capas.container.ContainerPrune;
import dev.capas.container.ContainerSummary;
import dev.capas.container.ContainerUpdate;
import dev.capas.container.Creation;
import dev.capas.container.Inspection;
import dev.capas.container.Lifecycle;
import dev.capas.container.Waiting;
import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import dev.capas.oci.Json;
import dev.capas.oci.Platform;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** The Container tag of the Engine API: what containers are, and what is done to them. Their streams are elsewhere. */
@RestController
@Tag(name = "Container")
final class ContainerController {
    /** From this version on a container may be created in more than one network. */
    private static final String SEVERAL_NETWORKS = "1.44";

    /** From this version on the aliases are those that were asked for. */
    private static final String ALIASES_AS_ASKED = "1.45";

    private final Creation creation;
    private final Lifecycle lifecycle;
    private final ContainerList list;
    private final Inspection inspection;
    private final Waiting waiting;
    private final ContainerUpdate update;
    private final ContainerCommit commit;
    private final ContainerPrune prune;
    private final Listening listening;

    ContainerController(
            Creation creation,
            Lifecycle lifecycle,
            ContainerList list,
            Inspection inspection,
            Waiting waiting,
            ContainerUpdate update,
            ContainerCommit commit,
            ContainerPrune prune,
            Listening listening) {
        this.creation = creation;
        this.lifecycle = lifecycle;
        this.list = list;
        this.inspection = inspection;
        this.waiting = waiting;
        this.update = update;
        this.commit = commit;
        this.prune = prune;
        this.listening = listening;
    }

    /** {@code ContainerCreateResponse} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ContainerCreateResponse")
    record Created(String id, List<String> warnings) {}

    /** {@code ContainerUpdateResponse} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ContainerUpdateResponse")
    record Updated(@Nullable List<String> warnings) {}

    /** {@code ContainerPruneResponse} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ContainerPruneResponse")
    record Pruned(@Nullable List<String> containersDeleted, long spaceReclaimed) {}

    /** {@code FilesystemChange} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "FilesystemChange")
    record Changed(String path, int kind) {}

    /** {@code IDResponse} of the Engine API. */
    @Schema(name = "IDResponse")
    record Committed(@JsonProperty("Id") String id) {}

    /**
     * Lists containers, the newest first.
     *
     * @param all also those that do not run
     * @param limit at most this many, of all states; 0 for no limit
     * @param size with the sizes of their files
     * @param filters JSON: {"label": ["a=b"], …}
     */
    @GetMapping("/containers/json")
    List<ContainerSummary> list(
            @RequestParam(defaultValue = "") boolean all,
            @RequestParam(defaultValue = "") String limit,
            @RequestParam(defaultValue = "") boolean size,
            @RequestParam(required = false) @Nullable String filters) {
        return list.list(Filters.parse(filters), all, number(limit, 0), size);
    }

    /**
     * Creates a container of an image. It does not run yet.
     *
     * @param name empty for one that the engine makes up
     * @param platform os/architecture/variant that the image must have
     * @param body what it is and how it runs
     */
    @PostMapping("/containers/create")
    @ResponseStatus(HttpStatus.CREATED)
    Created create(
            @RequestParam(required = false) @Nullable String name,
            @RequestParam(defaultValue = "") String platform,
            @RequestBody CreateBody body,
            HttpServletRequest http) {
        if (ApiVersion.of(http).before(SEVERAL_NETWORKS)) {
            body.checkOneNetwork();
        }
        Creation.Created created =
                creation.create(body.request(name, platform.isEmpty() ? null : Platform.parse(platform)));
        return new Created(created.container().id(), created.warnings());
    }

    /**
     * Tells all about a container.
     *
     * @param name name, ID, or the beginning of an ID
     * @param size with the sizes of its files
     */
    @GetMapping("/containers/{name}/json")
    ContainerInspect inspect(
            @PathVariable String name, @RequestParam(defaultValue = "") boolean size, HttpServletRequest http) {
        ContainerInspect inspect = inspection.inspect(name, size);
        return ApiVersion.of(http).before(ALIASES_AS_ASKED) ? inspect.withNamesAsAliases() : inspect;
    }

    /**
     * Lists what a container changed in the files of its image; null where that is nothing, as in Docker.
     *
     * @param name name, ID, or the beginning of an ID
     */
    @GetMapping("/containers/{name}/changes")
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = "application/json",
                            array = @ArraySchema(schema = @Schema(implementation = Changed.class))))
    JsonNode changes(@PathVariable String name) {
        List<Changed> changes = inspection.changes(name).stream()
                .map(change -> new Changed(change.path(), change.kind().ordinal()))
                .toList();
        return Json.MAPPER.valueToTree(changes.isEmpty() ? null : changes);
    }

    /**
     * Starts a container.
     *
     * @param name name, ID, or the beginning of an ID
     */
    @PostMapping("/containers/{name}/start")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void start(@PathVariable String name) {
        lifecycle.start(name);
    }

    /**
     * Stops a container: its stop signal, and SIGKILL where that does not help.
     *
     * @param name name, ID, or the beginning of an ID
     * @param t seconds to SIGKILL, -1 for never; empty for the container's own
     * @param signal name or number; empty for the container's own
     */
    @PostMapping("/containers/{name}/stop")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void stop(
            @PathVariable String name,
            @RequestParam(defaultValue = "") String t,
            @RequestParam(defaultValue = "") String signal) {
        lifecycle.stop(name, seconds(t), signal);
    }

    /**
     * Stops a container and starts it again.
     *
     * @param name name, ID, or the beginning of an ID
     * @param t seconds to SIGKILL, -1 for never; empty for the container's own
     * @param signal name or number; empty for the container's own
     */
    @PostMapping("/containers/{name}/restart")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void restart(
            @PathVariable String name,
            @RequestParam(defaultValue = "") String t,
            @RequestParam(defaultValue = "") String signal) {
        lifecycle.restart(name, seconds(t), signal);
    }

    /**
     * Sends a signal to the first process of a container.
     *
     * @param name name, ID, or the beginning of an ID
     * @param signal name or number; empty for SIGKILL
     */
    @PostMapping("/containers/{name}/kill")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void kill(@PathVariable String name, @RequestParam(defaultValue = "") String signal) {
        lifecycle.kill(name, signal);
    }

    /**
     * Freezes all processes of a container.
     *
     * @param name name, ID, or the beginning of an ID
     */
    @PostMapping("/containers/{name}/pause")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void pause(@PathVariable String name) {
        lifecycle.pause(name);
    }

    /**
     * Lets the processes of a paused container go on.
     *
     * @param name name, ID, or the beginning of an ID
     */
    @PostMapping("/containers/{name}/unpause")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void unpause(@PathVariable String name) {
        lifecycle.unpause(name);
    }

    /**
     * Gives a container another name.
     *
     * @param container name, ID, or the beginning of an ID
     * @param name the new one
     */
    @PostMapping("/containers/{name}/rename")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void rename(@PathVariable("name") String container, @RequestParam(name = "name", defaultValue = "") String name) {
        lifecycle.rename(container, name);
    }

    /**
     * Changes the limits and the restart policy of a container, also while it runs.
     *
     * @param name name, ID, or the beginning of an ID
     * @param change what is not in it stays
     */
    @PostMapping("/containers/{name}/update")
    Updated update(@PathVariable String name, @RequestBody(required = false) @Nullable UpdateConfig change) {
        UpdateConfig asked = Objects.requireNonNullElse(change, UpdateConfig.NOTHING);
        List<String> warnings = update.update(name, asked.change());
        return new Updated(warnings.isEmpty() ? null : warnings);
    }

    /**
     * Waits for a container to end. The headers go at once: a client starts the container only after it has them.
     *
     * @param name name, ID, or the beginning of an ID
     * @param condition not-running (the default), next-exit or removed
     */
    @PostMapping("/containers/{name}/wait")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = WaitResponse.class)))
    void await(
            @PathVariable String name,
            @RequestParam(defaultValue = "") String condition,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException, InterruptedException {
        CompletableFuture<Container.Ending> ending = waiting.until(name, condition);
        response.setContentType("application/json");
        response.flushBuffer();
        listening.answer(request, () -> tell(ending, response.getOutputStream()));
    }

    private static void tell(CompletableFuture<Container.Ending> ending, OutputStream out)
            throws IOException, InterruptedException {
        try {
            out.write(Json.MAPPER.writeValueAsBytes(WaitResponse.of(ending.get())));
            out.write('\n');
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Removes a container.
     *
     * @param name name, ID, or the beginning of an ID
     * @param force also one that runs
     * @param v its anonymous volumes too
     * @param link only a link, which this engine has none of
     * @param dryRun only tells whether it would go
     */
    @DeleteMapping("/containers/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(
            @PathVariable String name,
            @RequestParam(defaultValue = "") boolean force,
            @RequestParam(defaultValue = "") boolean v,
            @RequestParam(defaultValue = "") boolean link,
            @RequestParam(name = "dry-run", defaultValue = "false") boolean dryRun) {
        if (dryRun) {
            lifecycle.checkRemove(name, force, link);
        } else {
            lifecycle.remove(name, force, v, link);
        }
    }

    /**
     * Removes all containers that do not run.
     *
     * @param filters JSON: {"until": […], "label": […]}
     * @param dryRun only tells what would go
     */
    @PostMapping("/containers/prune")
    Pruned prune(
            @RequestParam(required = false) @Nullable String filters,
            @RequestParam(name = "dry-run", defaultValue = "false") boolean dryRun) {
        Filters wanted = Filters.parse(filters);
        ContainerPrune.Outcome outcome = dryRun ? prune.preview(wanted) : prune.prune(wanted);
        return new Pruned(outcome.deleted().isEmpty() ? null : outcome.deleted(), outcome.reclaimed());
    }

    /**
     * Makes an image of what a container changed.
     *
     * @param container name, ID, or the beginning of an ID
     * @param repo the name of the image, empty for none
     * @param tag its tag, empty for latest
     * @param author who made it
     * @param comment what for
     * @param pause whether the processes stand still meanwhile
     * @param changes lines of a Dockerfile
     * @param config what the image says of a container made of it; empty for what the container has
     */
    @PostMapping("/commit")
    @ResponseStatus(HttpStatus.CREATED)
    Committed commit(
            @RequestParam(defaultValue = "") String container,
            @RequestParam(defaultValue = "") String repo,
            @RequestParam(defaultValue = "") String tag,
            @RequestParam(defaultValue = "") String author,
            @RequestParam(defaultValue = "") String comment,
            @RequestParam(defaultValue = "true") boolean pause,
            @RequestParam(required = false) @Nullable List<String> changes,
            @RequestBody(required = false) @Nullable ContainerConfig config) {
        return new Committed(commit.commit(new ContainerCommit.Request(
                        container, repo, tag, author, comment, pause, changes == null ? List.of() : changes, config))
                .toString());
    }

    private static @Nullable Integer seconds(String text) {
        return text.isEmpty() ? null : (Integer) number(text, 0);
    }

    private static int number(String text, int absent) {
        try {
            return text.isEmpty() ? absent : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw EngineException.system("strconv.Atoi: parsing \"" + text + "\": invalid syntax", null);
        }
    }
}
