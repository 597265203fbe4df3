package dev.capas.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Debian's PostgreSQL in a directory of its own, on a free port of loopback. It runs as the user {@code postgres}: {@code initdb} refuses root. */
public final class PostgresServer implements AutoCloseable {
    /** Who owns everything in it, and needs no password. */
    public static final String USER = "capas";

    private final Path directory;
    private final Path programs;
    private final int port;
    private final Thread atExit = new Thread(this::stop);

    private PostgresServer(Path directory, Path programs, int port) {
        this.directory = directory;
        this.programs = programs;
        this.port = port;
    }

    /** Starts one without databases but its own. */
    public static PostgresServer start() throws IOException {
        Path programs;
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            programs = versions.sorted().toList().getLast().resolve("bin");
        }
        int port = FreePort.any();
        Path directory = Files.createTempDirectory("postgres");
        PostgresServer server = new PostgresServer(directory, programs, port);
        Runtime.getRuntime().addShutdownHook(server.atExit);
        Command.run("chown", "postgres:postgres", directory.toString()).ok();
        server.run("initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
                .ok();
        String options = "-h 127.0.0.1 -p " + port + " -k " + directory + " -c fsync=off";
        server.run("pg_ctl", "-s", "-w", "-l", directory.resolve("log").toString(), "-o", options, "start")
                .ok();
        return server;
    }

    /** Makes an empty database, and returns its JDBC URL. */
    public String newDatabase(String name) {
        Command.run(
                        programs.resolve("createdb").toString(),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "-U",
                        USER,
                        name)
                .ok();
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + name;
    }

    /** Ends it in the middle of whatever it does, and starts it again. */
    public void restart() {
        run(
                        "pg_ctl",
                        "-s",
                        "-w",
                        "-m",
                        "immediate",
                        "-l",
                        directory.resolve("log").toString(),
                        "restart")
                .ok();
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        stop();
    }

    private void stop() {
        run("pg_ctl", "-s", "-w", "-m", "immediate", "stop");
        Command.run("rm", "-rf", directory.toString());
    }

    private Command.Result run(String program, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
        command.addAll(List.of(
                programs.resolve(program).toString(),
                "-D",
                directory.resolve("data").toString()));
        command.addAll(List.of(arguments));
        return Command.run(command.toArray(String[]::new));
    }
}
