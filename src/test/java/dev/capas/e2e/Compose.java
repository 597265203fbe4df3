package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The real Compose with one project on one engine. */
final class Compose {
    private static final Path FETCHED = Path.of(".capas/compose/docker-compose").toAbsolutePath();

    private final Docker docker;
    private final Path file;

    /** With a project's file; the plugin is the one that the tests fetched, or else the machine's own. */
    Compose(Docker docker, Path file) throws IOException {
        this.docker = docker;
        this.file = file;
        Path plugin = docker.socket().resolveSibling("cli/cli-plugins/docker-compose");
        if (Files.exists(FETCHED) && !Files.exists(plugin)) {
            Files.createDirectories(plugin.getParent());
            Files.createSymbolicLink(plugin, FETCHED);
        }
    }

    /** Runs {@code docker compose ARGUMENTS}. */
    Command.Result run(String... arguments) {
        return docker.run(command(arguments));
    }

    /** The same, which must succeed. */
    Command.Result ok(String... arguments) {
        Command.Result result = run(arguments);
        assertThat(result.code())
                .as("%s%n%s%s", List.of(arguments), result.out(), result.err())
                .isZero();
        return result;
    }

    /** Its output, without the last newline. */
    String out(String... arguments) {
        return ok(arguments).out().stripTrailing();
    }

    /** Starts it, for a test that talks to it while it runs. */
    Process start(String... arguments) throws IOException {
        return docker.start(command(arguments));
    }

    private String[] command(String... arguments) {
        List<String> all = new ArrayList<>(List.of("compose", "-f", file.toString()));
        all.addAll(List.of(arguments));
        return all.toArray(String[]::new);
    }
}
