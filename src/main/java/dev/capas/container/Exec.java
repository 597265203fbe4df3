package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.errdefs.EngineException;
import dev.capas.runtime.StreamHub;
import dev.capas.runtime.Task;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** A further process of a container: what was asked for, and what became of it. */
public final class Exec {
    /**
     * What {@code POST /containers/{id}/exec} asks for.
     *
     * @param attachStdin whether the client's input goes to it
     * @param attachStdout whether its output goes to the client
     * @param attachStderr whether its error output does
     * @param detachKeys in Docker's notation, empty for the usual ones
     * @param tty whether it has a terminal
     * @param env {@code NAME=value}, beside the container's
     * @param cmd the command and its arguments
     * @param privileged whether it has all capabilities
     * @param user empty for the container's
     * @param workingDir empty for the container's
     * @param consoleSize height and width in characters, null for none in particular
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Request(
            boolean attachStdin,
            boolean attachStdout,
            boolean attachStderr,
            @Nullable String detachKeys,
            boolean tty,
            @Nullable List<String> env,

            @Nullable List<String> cmd,

            boolean privileged,
            @Nullable String user,
            @Nullable String workingDir,
            @Nullable List<Integer> consoleSize) {
        /** A command of which the output is wanted. */
        static Request probe(List<String> command) {
            return new Request(false, true, true, null, false, null, command, false, null, null, null);
        }

        /** What a request without a body asks for. */
        public static final Request NOTHING =
                new Request(false, false, false, null, false, null, null, false, null, null, null);
    }

    /** What {@code GET /exec/{id}/json} tells. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Inspect(
            @JsonProperty("ID") String id,
            boolean running,
            @Nullable Integer exitCode,
            ProcessConfig processConfig,
            boolean openStdin,
            boolean openStderr,
            boolean openStdout,
            boolean canRemove,
            @JsonProperty("ContainerID") String containerId,
            String detachKeys,
            int pid) {}

    /** The command in an inspect. */
    public record ProcessConfig(
            boolean tty,
            String entrypoint,
            List<String> arguments,
            boolean privileged,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) String user) {}

    private final String id;
    private final Container container;
    private final Request request;
    private final Task run;
    private final StreamHub hub;
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private final CompletableFuture<Integer> told = new CompletableFuture<>();
    private boolean claimed;
    private boolean running;
    private @Nullable Integer exitCode;
    private @Nullable Instant endedAt;
    private int pid;

    /** An exec in this run of the container. */
    Exec(String id, Container container, Task run, Request request, StreamHub hub) {
        this.id = id;
        this.container = container;
        this.run = run;
        this.request = request;
        this.hub = hub;
    }

    String id() {
        return id;
    }

    Container container() {
        return container;
    }

    Request request() {
        return request;
    }

    StreamHub hub() {
        return hub;
    }

    List<String> command() {
        return request.cmd() == null ? List.of() : request.cmd();
    }

    synchronized boolean running() {
        return running;
    }

    /**
     * Claims the one start that it has.
     *
     * @throws EngineException if it is taken (409)
     */
    synchronized void claim() {
        if (claimed) {
            throw EngineException.conflict(
                    "exec command " + id + (exitCode == null ? " is already running" : " has already run"));
        }
        claimed = true;
    }

    synchronized void began(int process) {
        pid = process;
        running = true;
        begun.complete(null);
    }

    synchronized void ended(int code) {
        running = false;
        exitCode = code;
        endedAt = Instant.now();
        begun.complete(null);
    }

    /** Completes once it has started, or could not. */
    CompletableFuture<Void> begun() {
        return begun;
    }

    /** Completes with the exit code of one that has started, once its end has been told. */
    CompletableFuture<Integer> told() {
        return told;
    }

    /** Whether it never started, and the run of its container is over. */
    synchronized boolean missed() {
        return exitCode == null && !running && container.task().orElse(null) != run;
    }

    synchronized boolean endedBefore(Instant time) {
        return endedAt != null && endedAt.isBefore(time);
    }

    synchronized Inspect inspect() {
        List<String> command = command();
        return new Inspect(
                id,
                running,
                exitCode,
                new ProcessConfig(
                        request.tty(),
                        command.getFirst(),
                        command.subList(1, command.size()),
                        request.privileged(),
                        request.user() == null ? "" : request.user()),
                request.attachStdin(),
                request.attachStderr(),
                request.attachStdout(),
                false,
                container.id(),
                detachKeys(),
                pid);
    }

    /** As bytes in base64, which is how Go writes them. */
    private String detachKeys() {
        String notation = request.detachKeys() == null ? "" : request.detachKeys();
        return notation.isEmpty()
                ? ""
                : DetachKeys.parse(notation)
                        .map(keys -> Base64.getEncoder().encodeToString(keys.bytes()))
                        .orElse("");
    }
}
