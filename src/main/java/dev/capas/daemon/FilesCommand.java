package dev.capas.daemon;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code capas files}. */
@Command(
        name = "files",
        description = "List what lies in an image or a container, what it weighs and the layer it comes from.")
final class FilesCommand extends ApiCommand {
    @Option(names = "--container", description = "The name is that of a container, not of an image.")
    private boolean container;

    @Option(names = "--depth", paramLabel = "N", description = "So many levels below the path (default: 1).")
    private @Nullable Integer depth;

    @Option(
            names = "--sort",
            paramLabel = "KEY",
            description = "path, size or files; with a - before it the largest first (default: path).")
    private @Nullable String sort;

    @Option(names = "--limit", paramLabel = "N", description = "No more than so many.")
    private @Nullable Integer limit;

    @Parameters(index = "0", paramLabel = "IMAGE")
    private String name = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "PATH", description = "Where (default: the root).")
    private @Nullable String path;

    @Override
    ApiPath path() {
        return ApiPath.of(container ? "containers" : "images", name, "files")
                .with("path", path)
                .with("depth", depth)
                .with("sort", sort)
                .with("limit", limit);
    }
}
