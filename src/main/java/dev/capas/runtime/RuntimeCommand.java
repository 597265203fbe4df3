package dev.capas.runtime;

import dev.capas.linux.Fd;
import dev.capas.linux.Spawn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;

/**
 * An OCI runtime's command line.
 *
 * @param launcher what starts it
 * @param executable the program
 * @param state where it keeps what it knows of containers ({@code --root})
 */
record RuntimeCommand(Launcher launcher, String executable, Path state) {
    static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME", "/root");

    /** The options that go before every subcommand. */
    List<String> options(Path log) {
        return List.of("--root", state.toString(), "--log", log.toString(), "--log-format", "json");
    }

    /** Starts a subcommand with these descriptors. */
    Launcher.Child start(Path log, Map<Integer, Fd> descriptors, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(executable);
        command.addAll(options(log));
        command.addAll(arguments);
        return launcher.start(new Spawn(command, ENVIRONMENT, null, descriptors));
    }

    /** Runs a subcommand to its end and returns its exit code. */
    int run(Path log, String... arguments) throws IOException {
        try {
            return start(log, Map.of(), List.of(arguments)).exit().join();
        } catch (CompletionException e) {
            throw new IOException(e.getCause());
        }
    }
}
