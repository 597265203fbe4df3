package dev.capas.daemon;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code capas budget}. */
@Command(
        name = "budget",
        description =
                "Check what an image weighs, and name the layers and files that are too much. The exit status is 1 then.")
final class BudgetCommand extends ApiCommand {
    @Option(names = "--max", paramLabel = "SIZE", description = "The bytes of its layers, such as 200MB.")
    private @Nullable String max;

    @Option(
            names = "--base",
            paramLabel = "IMAGE",
            description = "The image that it may be larger than by --max-growth.")
    private @Nullable String base;

    @Option(names = "--max-growth", paramLabel = "SIZE", description = "How much larger than --base it may be.")
    private @Nullable String maxGrowth;

    @Option(
            names = "--max-wasted",
            paramLabel = "SIZE",
            description = "The bytes that its layers store and nobody sees.")
    private @Nullable String maxWasted;

    @Option(
            names = "--above",
            paramLabel = "IMAGE",
            description = "The layers of this image, at its bottom, do not count.")
    private @Nullable String above;

    @Option(
            names = "--warn",
            split = ",",
            paramLabel = "RULE",
            description = "max, maxGrowth or maxWasted: the rule is told of, and no reason to fail.")
    private @Nullable List<String> warn;

    @Parameters(index = "0", paramLabel = "IMAGE")
    private String image = "";

    @Override
    ApiPath path() {
        return ApiPath.of("images", image, "budget")
                .with("max", max)
                .with("base", base)
                .with("maxGrowth", maxGrowth)
                .with("maxWasted", maxWasted)
                .with("above", above)
                .with("warn", warn);
    }
}
