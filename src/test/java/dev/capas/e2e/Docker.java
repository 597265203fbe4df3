package dev.capas.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The real docker CLI, pointed at one daemon. */
public final class Docker {
    private final Path socket;
    private final Map<String, String> environment;

    /** The CLI of this machine, with a configuration of its own beside the socket. */
    public Docker(Path socket) {
        this.socket = socket;
        this.environment = Map.of("DOCKER_CONFIG", socket.resolveSibling("cli").toString(), "TERM", "xterm");
    }

    /** The socket that it talks to. */
    public Path socket() {
        return socket;
    }

    /** Runs {@code docker ARGUMENTS} without input. */
    public Command.Result run(String... arguments) {
        return run(new byte[0], arguments);
    }

    /** Runs {@code docker ARGUMENTS} with this input. */
    public Command.Result run(byte[] input, String... arguments) {
        return Command.run(command(arguments), input, environment);
    }

    /** The output of {@code docker ARGUMENTS}, without the last newline; it must succeed. */
    public String ok(String... arguments) {
        return run(arguments).ok().stripTrailing();
    }

    /** Starts {@code docker ARGUMENTS} on a pseudo-terminal. */
    public Terminal terminal(String... arguments) throws IOException {
        return Terminal.start(command(arguments), environment);
    }

    /** Starts {@code docker ARGUMENTS} with pipes, for a test that talks to it while it runs. */
    public Process start(String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command(arguments));
        builder.environment().putAll(environment);
        return builder.redirectErrorStream(true).start();
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker", "-H", "unix://" + socket));
        command.addAll(List.of(arguments));
        return command;
    }
}
