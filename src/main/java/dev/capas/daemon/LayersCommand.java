package dev.capas.daemon;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code capas layers}. */
@Command(name = "layers", description = "List layers, what they weigh and who shares them.")
final class LayersCommand extends ApiCommand {
    @Option(names = "--unused", description = "Only those that no container uses.")
    private boolean unused;

    @Option(names = "--larger", paramLabel = "SIZE", description = "Only those of more bytes, such as 10MB.")
    private @Nullable String larger;

    @Option(
            names = "--sort",
            paramLabel = "KEY",
            description =
                    "created, size, diskUsage, compressedSize, files, diffID, lastUsed or refCount; with a - before it"
                            + " the largest or latest first (default: -created).")
    private @Nullable String sort;

    @Option(names = "--limit", paramLabel = "N", description = "No more than so many.")
    private @Nullable Integer limit;

    @Parameters(
            arity = "0..1",
            paramLabel = "IMAGE|CONTAINER",
            description = "The layers of this one, bottom first, with what each wastes; else all that there are.")
    private @Nullable String name;

    @Override
    ApiPath path() {
        return name == null ? list() : path("container", name);
    }

    /** A container is meant before an image, as by {@code docker inspect}. */
    @Override
    ApiClient.Reply ask(ApiClient client, String accept) throws IOException {
        ApiClient.Reply reply = super.ask(client, accept);
        return name != null && reply.isNotFound() ? client.send(method(), path("image", name), accept) : reply;
    }

    /** Its stack, or the list of its layers where the client says how that is to be. */
    private ApiPath path(String kind, String name) {
        boolean asked = unused || larger != null || sort != null || limit != null;
        return asked ? list().with(kind, name) : ApiPath.of(kind + "s", name, "layers");
    }

    private ApiPath list() {
        return ApiPath.of("layers")
                .with("unused", unused)
                .with("larger", larger)
                .with("sort", sort)
                .with("limit", limit);
    }
}
