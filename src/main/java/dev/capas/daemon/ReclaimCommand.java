package dev.capas.daemon;

import dev.capas.oci.Json;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows what deleting would free, or does it. */
@Command(
        name = "reclaim",
        description =
                "Shows what deleting things would free and what would stay; without an option, of all that nobody uses.",
        mixinStandardHelpOptions = true)
final class ReclaimCommand extends ApiCommand {
    @Option(names = "--image", paramLabel = "NAME", description = "An image; may be repeated.")
    private List<String> images = List.of();

    @Option(names = "--container", paramLabel = "NAME", description = "A container; may be repeated.")
    private List<String> containers = List.of();

    @Option(names = "--volume", paramLabel = "NAME", description = "A volume; may be repeated.")
    private List<String> volumes = List.of();

    @Option(
            names = "--unused-for",
            paramLabel = "DURATION",
            description = "What nobody uses and was not used that long: 168h.")
    private @Nullable String unusedFor;

    @Option(
            names = "--free",
            paramLabel = "SIZE",
            description = "Of what nobody uses the oldest and fewest that free so much: 5GB.")
    private @Nullable String free;

    @Option(names = "--yes", description = "Delete it.")
    private boolean yes;

    @Override
    ApiPath path() {
        return ApiPath.of("system", "reclaim")
                .with("image", images)
                .with("container", containers)
                .with("volume", volumes)
                .with("unused-for", unusedFor)
                .with("free", free);
    }

    @Override
    ApiClient.Reply ask(ApiClient client, String accept) throws IOException {
        if (!yes) {
            return super.ask(client, accept);
        }
        ApiClient.Reply plan = client.send("GET", path(), "application/json");
        return plan.isFailure()
                ? plan
                : client.send(
                        "POST",
                        ApiPath.of(
                                "system",
                                "reclaim",
                                Json.MAPPER.readTree(plan.text()).path("Plan").stringValue()),
                        accept);
    }
}
