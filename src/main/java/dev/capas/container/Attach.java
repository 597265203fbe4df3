package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.runtime.StreamHub.Subscription;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/** Attaches clients to the streams of a container, before its start as well as later. */
@Service
public class Attach {
    private static final Logger log = LoggerFactory.getLogger(Attach.class);

    private final Containers containers;
    private final ContainerLogs logs;
    private final ContainerEvents events;

    Attach(Containers containers, ContainerLogs logs, ContainerEvents events) {
        this.containers = containers;
        this.logs = logs;
        this.events = events;
    }

    /** An attachment that nothing speaks against, which begins as soon as there is a connection for it. */
    public final class Attachment {
        private final Container container;
        private final AttachOptions options;
        private final DetachKeys keys;
        private final CompletableFuture<Container.Ending> exit;
        private final Subscription subscription;

        private Attachment(Container container, AttachOptions options, DetachKeys keys) {
            this.container = container;
            this.options = options;
            this.keys = keys;
            this.exit = container.nextExit();
            this.subscription = container.hub().subscribe(options.stdout(), options.stderr());
        }

        /** Whether the container has a terminal, whose output is one stream without frames. */
        public boolean terminal() {
            return container.config().tty();
        }

        /**
         * Serves the client until the container stops or the client leaves.
         *
         * @param framed whether each piece of output has a header that tells its stream
         */
        public void serve(ClientConnection client, boolean framed) {
            try (subscription) {
                if (options.logs() && container.logPath() != null) {
                    logs.write(container, LogOptions.all(options.stdout(), options.stderr()), framed, client.output());
                }
                events.publish(container, "attach");
                if (options.stream()) {
                    stream(client, framed);
                }
            } catch (IOException e) {
                log.debug("The client left", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void stream(ClientConnection client, boolean framed) throws InterruptedException {
            boolean endsWithInput = container.config().stdinOnce() && !terminal();
            StreamSession session = new StreamSession(container.hub(), subscription, client);
            if (options.stdin() && container.config().openStdin()) {
                session.pumpInput(
                        terminal() ? keys : null,
                        endsWithInput ? StreamSession.InputEnd.CLOSES_STDIN : StreamSession.InputEnd.ENDS_SESSION);
            }
            StreamSession.End end = session.pumpOutput(framed);
            if (end == StreamSession.End.DETACHED) {
                events.publish(container, "detach");
            } else if (end == StreamSession.End.OUTPUT_ENDED
                    && container.state().running()) {
                session.await(exit, container.removed()); // a client asks for the exit code next
            }
        }
    }

    /**
     * Prepares an attachment: from here on no output is lost.
     *
     * @throws EngineException if the keys are wrong (400), there is no such container (404), or it is paused or restarting (409)
     */
    public Attachment prepare(String name, AttachOptions options) {
        Optional<DetachKeys> keys = DetachKeys.parse(options.detachKeys());
        if (keys.isEmpty()) {
            throw EngineException.invalidParameter("Invalid detach keys (" + options.detachKeys() + ") provided");
        }
        Container container = containers.get(name);
        if (container.state().paused()) {
            throw EngineException.conflict("container " + name + " is paused, unpause the container before attach");
        }
        if (container.state().restarting()) {
            throw EngineException.conflict("container " + name + " is restarting, wait until the container is running");
        }
        return new Attachment(container, options, keys.get());
    }

    /**
     * Resizes the container's terminal.
     *
     * @throws EngineException if there is no such container (404) or it does not run (409)
     */
    public void resize(String name, int rows, int columns) {
        Container container = containers.get(name);
        if (!container.state().running()) {
            throw EngineException.conflict("container " + container.id() + " is not running");
        }
        try {
            container.hub().resize(rows, columns);
        } catch (IOException e) {
            throw EngineException.system("cannot resize the terminal of container " + container.id(), e);
        }
        events.publish(
                container, "resize", Map.of("height", Integer.toString(rows), "width", Integer.toString(columns)));
    }
}
