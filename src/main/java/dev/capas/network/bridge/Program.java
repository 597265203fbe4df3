package dev.capas.network.bridge;

import dev.capas.linux.Fd;
import dev.capas.linux.MemFd;
import dev.capas.linux.Processes;
import dev.capas.linux.Spawn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A program that changes networks in the kernel; it does so in the network namespace of the calling thread, which waits. */
record Program(Path path) {
    private static final List<String> DIRECTORIES =
            List.of("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin");

    /** What it did. */
    record Outcome(int exitCode, String said) {}

    /** Finds it by its name. */
    static Optional<Program> find(String name) {
        return DIRECTORIES.stream()
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Program::new);
    }

    /**
     * Runs it with a script as its standard input.
     *
     * @throws IOException with what it said, if it fails
     */
    void run(List<String> arguments, String script) throws IOException {
        Outcome outcome = outcome(arguments, script);
        if (outcome.exitCode != 0) {
            throw new IOException(path.getFileName() + ": "
                    + outcome.said
                            .strip()
                            .lines()
                            .limit(3)
                            .map(String::strip)
                            .reduce((a, b) -> a + "; " + b)
                            .orElse("failed"));
        }
    }

    /** The same, whatever comes of it. */
    Outcome outcome(List<String> arguments, String script) throws IOException {
        Fd[] output = Fd.pipe();
        try (Fd from = output[0];
                Fd to = output[1];
                Fd input = MemFd.ofContent(script.getBytes(StandardCharsets.UTF_8))) {
            List<String> line = Stream.concat(Stream.of(path.toString()), arguments.stream())
                    .toList();
            int pid = new Spawn(
                            line, Map.of("PATH", String.join(":", DIRECTORIES)), null, Map.of(0, input, 1, to, 2, to))
                    .start();
            to.close();
            String said = new String(from.input().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(Processes.await(pid), said);
        }
    }
}
