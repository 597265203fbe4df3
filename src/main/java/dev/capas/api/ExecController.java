package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.container.Exec;
import dev.capas.container.Execs;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** The Exec tag of the Engine API. */
@RestController
@Tag(name = "Exec")
final class ExecController {
    /** Unlike an attach, the start of an exec answers with the headers of any other route. */
    private static final String HEADERS = "Api-Version: " + ApiVersion.CURRENT.text()
            + "\r\nDocker-Experimental: false\r\nOstype: linux\r\nServer: " + EngineVersion.SERVER + "\r\n";

    private final Execs execs;

    ExecController(Execs execs) {
        this.execs = execs;
    }

    /** The answer to a create. */
    @Schema(name = "ExecCreateResponse")
    record Created(@JsonProperty("Id") String id) {}

    /**
     * How to start one.
     *
     * @param detach whether nobody stays with it
     * @param tty whether its output is one stream without frames, which is what a terminal gives
     * @param consoleSize height and width of the terminal in characters
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ExecStartConfig")
    record Start(boolean detach, boolean tty, @Nullable List<Integer> consoleSize) {
        static final Start ATTACHED = new Start(false, false, null);
    }

    /**
     * Prepares a further process in a running container.
     *
     * @param id name, ID, or the beginning of an ID
     * @param request what it is
     */
    @PostMapping("/containers/{id}/exec")
    @ResponseStatus(HttpStatus.CREATED)
    Created create(@PathVariable String id, @RequestBody(required = false) Exec.@Nullable Request request) {
        return new Created(execs.create(id, request == null ? Exec.Request.NOTHING : request));
    }

    /**
     * Tells of a further process.
     *
     * @param id of the process
     */
    @GetMapping("/exec/{id}/json")
    Exec.Inspect inspect(@PathVariable String id) {
        return execs.inspect(id);
    }

    /**
     * Starts a further process; the connection becomes its standard streams, in frames where it has no terminal.
     *
     * @param id of the process
     * @param body empty for attached
     */
    @PostMapping("/exec/{id}/start")
    @ApiResponse(responseCode = "101", content = @Content(mediaType = Hijack.MULTIPLEXED_STREAM))
    @ApiResponse(responseCode = "200", content = @Content(mediaType = Hijack.RAW_STREAM))
    void start(
            @PathVariable String id,
            @RequestBody(required = false) @Nullable Start body,
            HttpServletRequest request,
            HttpServletResponse response) {
        Start start = body == null ? Start.ATTACHED : body;
        Exec.Inspect exec = execs.inspect(id);
        if (start.detach() || !exec.openStdin() && !exec.openStdout() && !exec.openStderr()) {
            execs.startDetached(id);
            response.setStatus(HttpStatus.OK.value());
            return;
        }
        Execs.Attachment attachment = execs.attach(id, start.consoleSize());
        boolean framed = !start.tty();
        Hijack.take(
                request,
                Hijack.contentType(framed, ApiVersion.of(request)),
                HEADERS,
                client -> attachment.serve(client, framed));
    }

    /**
     * Tells the terminal of a further process its size.
     *
     * @param id of the process
     * @param height rows
     * @param width columns
     */
    @PostMapping("/exec/{id}/resize")
    void resize(
            @PathVariable String id,
            @RequestParam(name = "h", defaultValue = "") String height,
            @RequestParam(name = "w", defaultValue = "") String width)
            throws InterruptedException {
        TerminalSize size = TerminalSize.parse(height, width);
        execs.resize(id, size.rows(), size.columns());
    }
}
