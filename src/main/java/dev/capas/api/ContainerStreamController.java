package dev.capas.api;

import dev.capas.container.Attach;
import dev.capas.container.AttachOptions;
import dev.capas.container.Container;
import dev.capas.container.ContainerLogs;
import dev.capas.container.Containers;
import dev.capas.container.LogOptions;
import dev.capas.errdefs.EngineException;
import dev.capas.filter.Timestamp;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What a container reads and writes: its log, and its streams while it runs. */
@RestController
@Tag(name = "Container")
class ContainerStreamController {
    private final Containers containers;
    private final ContainerLogs logs;
    private final Attach attach;
    private final Listening listening;

    ContainerStreamController(Containers containers, ContainerLogs logs, Attach attach, Listening listening) {
        this.containers = containers;
        this.logs = logs;
        this.attach = attach;
        this.listening = listening;
    }

    /**
     * Reads the log of a container, in frames where it has no terminal.
     *
     * @param id name, ID, or the beginning of an ID
     * @param stdout what it wrote to standard output
     * @param stderr what it wrote to standard error; one of both is needed
     * @param follow stays until the container ends
     * @param timestamps with the time before each entry
     * @param details with the attributes that the log options ask for
     * @param since Unix seconds with a fraction
     * @param until Unix seconds with a fraction; 0 for no end
     * @param tail only so many entries of the end, or all
     */
    @GetMapping("/containers/{id}/logs")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = Hijack.MULTIPLEXED_STREAM))
    void logs(
            @PathVariable String id,
            @RequestParam(defaultValue = "") boolean stdout,
            @RequestParam(defaultValue = "") boolean stderr,
            @RequestParam(defaultValue = "") boolean follow,
            @RequestParam(defaultValue = "") boolean timestamps,
            @RequestParam(defaultValue = "") boolean details,
            @RequestParam(required = false) @Nullable String since,
            @RequestParam(required = false) @Nullable String until,
            @RequestParam(defaultValue = "all") String tail,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException, InterruptedException {
        if (!stdout && !stderr) {
            throw EngineException.invalidParameter("Bad parameters: you must choose at least one stream");
        }
        Container container = containers.get(id);
        logs.checkReadable(container);
        Instant end = "0".equals(until) ? null : Timestamp.parseAnyUnix(until);
        LogOptions options = new LogOptions(
                stdout, stderr, Timestamp.parseUnix(since), end, entries(tail), timestamps, details, follow);
        boolean framed = !container.config().tty();
        response.setContentType(Hijack.contentType(framed, ApiVersion.of(request)));
        response.flushBuffer();
        listening.answer(request, () -> logs.write(container, options, framed, response.getOutputStream()));
    }

    /** Whatever is no number means all, as in dockerd. */
    private static long entries(String tail) {
        return tail.matches("[0-9]{1,9}") ? Long.parseLong(tail) : -1;
    }

    /**
     * Takes the connection over as the standard streams of a container, in frames where it has no terminal.
     *
     * @param id name, ID, or the beginning of an ID
     * @param past what was written before
     * @param stream what is written from now on
     * @param stdin whether what the client sends goes to its input
     * @param stdout whether its output comes
     * @param stderr whether its error output comes
     * @param detachKeys the keys that end it, such as ctrl-p,ctrl-q
     */
    @PostMapping("/containers/{id}/attach")
    @ApiResponse(responseCode = "101", content = @Content(mediaType = Hijack.MULTIPLEXED_STREAM))
    @ApiResponse(responseCode = "200", content = @Content(mediaType = Hijack.RAW_STREAM))
    void attach(
            @PathVariable String id,
            @RequestParam(name = "logs", defaultValue = "") boolean past,
            @RequestParam(defaultValue = "") boolean stream,
            @RequestParam(defaultValue = "") boolean stdin,
            @RequestParam(defaultValue = "") boolean stdout,
            @RequestParam(defaultValue = "") boolean stderr,
            @RequestParam(defaultValue = "") String detachKeys,
            HttpServletRequest request) {
        Attach.Attachment attachment;
        try {
            attachment = attach.prepare(id, new AttachOptions(past, stream, stdin, stdout, stderr, detachKeys));
        } catch (EngineException e) {
            HttpStatus status = ErrorAdvice.status(e.kind());
            Hijack.refuse(request, status.value(), status.getReasonPhrase(), e.getMessage());
            return;
        }
        boolean framed = !attachment.terminal();
        Hijack.take(
                request,
                Hijack.contentType(framed, ApiVersion.of(request)),
                "",
                client -> attachment.serve(client, framed));
    }

    /**
     * The same over a websocket and without frames, as dockerd does. Before API 1.42 all three streams were attached,
     * whatever was asked for.
     *
     * @param id name, ID, or the beginning of an ID
     * @param past what was written before
     * @param stream what is written from now on
     * @param stdin whether what the client sends goes to its input
     * @param stdout whether its output comes
     * @param stderr whether its error output comes
     * @param detachKeys the keys that end it, such as ctrl-p,ctrl-q
     */
    @GetMapping("/containers/{id}/attach/ws")
    @ApiResponse(responseCode = "101", content = @Content)
    void attachWebsocket(
            @PathVariable String id,
            @RequestParam(name = "logs", defaultValue = "") boolean past,
            @RequestParam(defaultValue = "") boolean stream,
            @RequestParam(defaultValue = "") boolean stdin,
            @RequestParam(defaultValue = "") boolean stdout,
            @RequestParam(defaultValue = "") boolean stderr,
            @RequestParam(defaultValue = "") String detachKeys,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException, ServletException {
        if (!"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
            containers.get(id);
            Hijack.refuseWebSocket(request);
            return;
        }
        boolean all = ApiVersion.of(request).before("1.42");
        Attach.Attachment attachment = attach.prepare(
                id, new AttachOptions(past, stream, all || stdin, all || stdout, all || stderr, detachKeys));
        WebSocketConnection.accept(request, response, client -> attachment.serve(client, false));
    }

    /**
     * Tells the terminal of a container its size.
     *
     * @param id name, ID, or the beginning of an ID
     * @param height rows
     * @param width columns
     */
    @PostMapping("/containers/{id}/resize")
    void resize(
            @PathVariable String id,
            @RequestParam(name = "h", defaultValue = "") String height,
            @RequestParam(name = "w", defaultValue = "") String width) {
        TerminalSize size = TerminalSize.parse(height, width);
        attach.resize(id, size.rows(), size.columns());
    }
}
