package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.runtime.StreamHub;
import java.util.List;
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

            @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
            List<String> cmd,

            boolean privileged,
            @Nullable String user,
            @Nullable String workingDir,
            @Nullable List<Integer> consoleSize) {}

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
    private final StreamHub hub;
    private boolean started;
    private boolean running;
    private @Nullable Integer exitCode;
    private int pid;

    Exec(String id, Container container, Request request, StreamHub hub) {
        this.id = id;
        this.container = container;
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

    /** Claims the one start that it has; false where it is taken. */
    synchronized boolean claim() {
        boolean first = !started;
        started = true;
        return first;
    }

    synchronized void began(int process) {
        pid = process;
        running = true;
    }

    synchronized void ended(int code) {
        running = false;
        exitCode = code;
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
                request.detachKeys() == null ? "" : request.detachKeys(),
                pid);
    }
}
