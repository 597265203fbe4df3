package dev.capas.daemon;

import picocli.CommandLine.Command;

/** {@code capas space}: where the space below the data root goes. */
@Command(
        name = "space",
        mixinStandardHelpOptions = true,
        description = "Shows what every byte below the data root of a running engine is for.")
final class SpaceCommand extends ApiCommand {
    @Override
    ApiPath path() {
        return ApiPath.of("system", "space");
    }
}
