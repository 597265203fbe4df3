package dev.capas.daemon;

import dev.capas.oci.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;

/**
 * A command that asks a running engine and prints its answer, as a table or as JSON. The exit status is 1 where the engine says no:
 * its words go to standard error, or to standard output where they are a table themselves.
 */
abstract class ApiCommand implements Callable<Integer> {
    @Option(
            names = {"-H", "--host"},
            paramLabel = "ADDRESS",
            description =
                    "The engine: unix:///path or tcp://host:port (default: DOCKER_HOST, else the socket of Capas).")
    private @Nullable String host;

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    /** What to ask. */
    abstract ApiPath path();

    /** How to ask. */
    String method() {
        return "GET";
    }

    /** Asks; whoever needs more than one request for it does so here. */
    ApiClient.Reply ask(ApiClient client, String accept) throws IOException {
        return client.send(method(), path(), accept);
    }

    @Override
    public final Integer call() throws IOException {
        var client = new ApiClient(host == null ? System.getenv("DOCKER_HOST") : host);
        ApiClient.Reply reply = ask(client, json ? "application/json" : "text/plain");
        String message = reply.isFailure() && !reply.isText() ? message(reply) : null;
        if (message != null) {
            throw new IllegalStateException(message);
        }
        PrintStream out = System.out;
        out.write(reply.body());
        out.flush();
        return reply.isFailure() ? 1 : 0;
    }

    /** What a failure says; null where the answer is more than a message. */
    private static @Nullable String message(ApiClient.Reply reply) {
        try {
            return Json.MAPPER.readTree(reply.text()).path("message").stringValue(null);
        } catch (JacksonException e) {
            return null;
        }
    }
}
