package dev.capas.daemon;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code capas compare}. */
@Command(name = "compare", description = "Say in what an image differs from another one: sizes, layers and files.")
final class CompareCommand extends ApiCommand {
    @Option(
            names = "--change",
            paramLabel = "KIND",
            description =
                    "List only those added, changed, changed in nothing but mode or owner (metadata), or removed.")
    private @Nullable String change;

    @Option(
            names = "--sort",
            paramLabel = "KEY",
            description = "path or size; with a - before it the largest first (default: -size).")
    private @Nullable String sort;

    @Option(names = "--limit", paramLabel = "N", description = "List so many differences (default: 100).")
    private @Nullable Integer limit;

    @Parameters(index = "0", paramLabel = "BASE", description = "The image to compare with; it may be in a registry.")
    private String base = "";

    @Parameters(index = "1", paramLabel = "IMAGE")
    private String image = "";

    @Override
    ApiPath path() {
        return ApiPath.of("images", image, "compare")
                .with("base", base)
                .with("change", change)
                .with("sort", sort)
                .with("limit", limit);
    }
}
