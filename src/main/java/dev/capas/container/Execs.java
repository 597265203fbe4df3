package dev.capas.container;

import dev.capas.container.spec.Connectivity;
import dev.capas.container.spec.Joined;
import dev.capas.container.spec.ProcessSpec;
import dev.capas.container.spec.SpecRequest;
import dev.capas.errdefs.EngineException;
import dev.capas.oci.Json;
import dev.capas.runtime.ContainerRuntime;
import dev.capas.runtime.ExecRequest;
import dev.capas.runtime.ExecTask;
import dev.capas.runtime.RuntimeFailure;
import dev.capas.runtime.Spec;
import dev.capas.runtime.StreamHub;
import dev.capas.runtime.StreamHub.Source;
import dev.capas.runtime.StreamHub.Subscription;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/** Starts further processes in running containers. What became of one is known for some minutes after its end. */
@Service
public class Execs {
    private static final Logger log = LoggerFactory.getLogger(Execs.class);
    private static final Duration KNOWN = Duration.ofMinutes(5);
    private static final int START_SECONDS = 10;

    private final Containers containers;
    private final ContainerRuntime runtime;
    private final ContainerEvents events;
    private final Map<String, Exec> execs = new ConcurrentHashMap<>();

    Execs(Containers containers, ContainerRuntime runtime, ContainerEvents events) {
        this.containers = containers;
        this.runtime = runtime;
        this.events = events;
    }

    /** An exec whose client is there, and which begins as soon as there is a connection for it. */
    public final class Attachment {
        private final Exec exec;
        private final DetachKeys keys;

        private Attachment(Exec exec, DetachKeys keys) {
            this.exec = exec;
            this.keys = keys;
        }

        /**
         * Starts it and serves the client until it ends or the client leaves; where it cannot start, the client reads why.
         *
         * @param framed whether each piece of output has a header that tells its stream
         */
        public void serve(ClientConnection client, boolean framed) {
            Exec.Request request = exec.request();
            try {
                exec.claim();
            } catch (EngineException e) {
                tell(client, framed, e.getMessage());
                return;
            }
            try (Subscription output = exec.hub()
                    .subscribe(request.attachStdout() || request.tty(), request.attachStderr() && !request.tty())) {
                StreamSession session = new StreamSession(exec.hub(), output, client);
                ExecTask task = launch(exec);
                if (request.attachStdin()) {
                    session.pumpInput(
                            request.tty() ? keys : null,
                            request.tty() ? StreamSession.InputEnd.ENDS_SESSION : StreamSession.InputEnd.CLOSES_STDIN);
                }
                if (session.pumpOutput(framed) == StreamSession.End.DETACHED) {
                    events.publish(exec.container(), "exec_detach", Map.of("execID", exec.id()));
                } else {
                    session.await(task.exit());
                }
            } catch (RuntimeFailure | EngineException e) {
                tell(client, framed, e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void tell(ClientConnection client, boolean framed, String message) {
            try {
                byte[] line = (message + "\r\n").getBytes(StandardCharsets.UTF_8);
                StreamFrame.write(client.output(), framed, Source.STDOUT, line);
            } catch (IOException e) {
                log.debug("The client left", e);
            }
        }
    }

    /**
     * Prepares an exec.
     *
     * @return its ID
     * @throws EngineException if there is no such container (404), it does not run or is paused (409), or the request is wrong (400)
     */
    public String create(String name, Exec.Request request) {
        Container container = containers.get(name);
        if (request.cmd() == null || request.cmd().isEmpty()) {
            throw EngineException.invalidParameter("No exec command specified");
        }
        Task run = task(container, name);
        keys(request);
        runtime.expectStart();
        Exec exec = new Exec(Ids.random(), container, run, request, runtime.newExecHub(request.tty()));
        process(exec);
        forgetOld();
        execs.put(exec.id(), exec);
        events.publish(container, "exec_create: " + commandLine(exec), Map.of("execID", exec.id()));
        return exec.id();
    }

    /** What became of an exec. */
    public Exec.Inspect inspect(String id) {
        return get(id).inspect();
    }

    /** The execs of a container that run or may still run, null where there are none. */
    @Nullable
    List<String> idsOf(Container container) {
        List<String> ids = execs.values().stream()
                .filter(exec -> exec.container() == container && exec.inspect().exitCode() == null && !exec.missed())
                .map(Exec::id)
                .toList();
        return ids.isEmpty() ? null : ids;
    }

    /**
     * Prepares the start of an exec for a client that stays.
     *
     * @param console height and width of its terminal, null for none in particular
     * @throws EngineException if there is no such exec (404), or its container is paused (409)
     */
    public Attachment attach(String id, @Nullable List<Integer> console) {
        Exec exec = startable(id);
        resize(exec, console == null ? exec.request().consoleSize() : console);
        return new Attachment(exec, keys(exec.request()));
    }

    /** Starts an exec without a client; fails with 400 where the command cannot be executed, with 409 where it was started before. */
    public void startDetached(String id) {
        Exec exec = startable(id);
        exec.claim();
        try {
            exec.hub().input().close();
            launch(exec);
        } catch (RuntimeFailure e) {
            throw EngineException.invalidParameter(e.getMessage());
        }
    }

    /**
     * Resizes the terminal of an exec, for whose start it waits a while.
     *
     * @throws EngineException if there is no such exec or it has ended (404)
     */
    public void resize(String id, int rows, int columns) throws InterruptedException {
        Exec exec = get(id);
        try {
            exec.begun().get(START_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw EngineException.system("timeout waiting for exec session ready", e);
        }
        if (!exec.running()) {
            throw EngineException.notFound("NotFound: process does not exist " + id + ": not found");
        }
        resize(exec, List.of(rows, columns));
    }

    /**
     * Executes a command as the container's own user, for the engine itself.
     *
     * @throws RuntimeFailure if the command cannot be executed
     * @throws EngineException if the container does not run or is paused (409), or there is no command (400)
     */
    Probe probe(Container container, List<String> command) throws RuntimeFailure {
        Exec exec = get(create(container.id(), Exec.Request.probe(command)));
        exec.claim();
        Subscription output = exec.hub().subscribe(true, true);
        return new Probe(launch(exec), exec.told(), output);
    }

    private ExecTask launch(Exec exec) throws RuntimeFailure {
        Exec.Request request = exec.request();
        String line = commandLine(exec);
        events.publish(exec.container(), "exec_start: " + line, Map.of("execID", exec.id()));
        if (!request.attachStdin()) {
            exec.hub().input().close();
        }
        try {
            Task task = task(exec.container(), exec.container().id());
            String process = Json.MAPPER.writeValueAsString(process(exec));
            ExecTask started =
                    task.exec(new ExecRequest(exec.id(), process, request.tty(), request.attachStdin(), exec.hub()));
            exec.began(started.pid());
            started.exit().whenComplete((code, failure) -> {
                exec.ended(failure == null ? code : 255);
                events.publish(
                        exec.container(), "exec_die", Map.of("execID", exec.id(), "exitCode", String.valueOf(code)));
                exec.told().complete(failure == null ? code : 255);
            });
            return started;
        } catch (RuntimeFailure e) {
            exec.ended(e.exitCode());
            exec.hub().close();
            throw e;
        }
    }

    private static Spec.Process process(Exec exec) {
        Exec.Request request = exec.request();
        List<Integer> size = request.consoleSize();
        try {
            return ProcessSpec.forExec(
                    SpecRequest.of(exec.container(), Joined.NONE, Connectivity.NONE),
                    new ProcessSpec.Exec(
                            exec.command(),
                            request.user() == null ? "" : request.user(),
                            request.env(),
                            request.workingDir(),
                            request.privileged()
                                    || exec.container().hostConfig().privileged(),
                            request.tty(),
                            size == null || size.size() < 2 ? null : new Spec.Box(size.getFirst(), size.get(1))));
        } catch (EngineException e) {
            // a start answers 500 to a user that is not there, an exec 400
            throw EngineException.invalidParameter(e.getMessage());
        } catch (IOException e) {
            throw EngineException.system(String.valueOf(e.getMessage()), e);
        }
    }

    private Exec get(String id) {
        Exec exec = execs.get(id);
        if (exec == null || exec.missed() || !Containers.isVisible(exec.container())) {
            throw EngineException.notFound("No such exec instance: " + id);
        }
        return exec;
    }

    private Exec startable(String id) {
        Exec exec = get(id);
        task(exec.container(), exec.container().id());
        return exec;
    }

    private static Task task(Container container, String name) {
        State state = container.state();
        if (!state.running()) {
            throw EngineException.conflict("container " + container.id() + " is not running");
        }
        if (state.paused()) {
            throw EngineException.conflict("Container " + name + " is paused, unpause the container before exec");
        }
        return container
                .task()
                .orElseThrow(() -> EngineException.conflict(
                        "Container " + container.id() + " is restarting, wait until the container is running"));
    }

    private void forgetOld() {
        Instant before = Instant.now().minus(KNOWN);
        execs.values().removeIf(exec -> exec.missed() || exec.endedBefore(before));
    }

    private static void resize(Exec exec, @Nullable List<Integer> size) {
        if (size == null || size.size() < 2 || !exec.request().tty()) {
            return;
        }
        try {
            StreamHub hub = exec.hub();
            hub.resize(size.getFirst(), size.get(1));
        } catch (IOException e) {
            throw EngineException.system("cannot resize the terminal of exec " + exec.id(), e);
        }
    }

    private static DetachKeys keys(Exec.Request request) {
        String notation = request.detachKeys() == null ? "" : request.detachKeys();
        return DetachKeys.parse(notation)
                .orElseThrow(() -> EngineException.system("Invalid escape keys (" + notation + ") provided", null));
    }

    private static String commandLine(Exec exec) {
        List<String> command = exec.command();
        return command.getFirst() + " " + String.join(" ", command.subList(1, command.size()));
    }
}
