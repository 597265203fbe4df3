package dev.capas.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/** Debian's {@code docker-registry} on loopback, with a directory of its own. */
final class DockerRegistry implements AutoCloseable {
    private final Path directory;
    private final int port;
    private final Process process;

    private DockerRegistry(Path directory, int port, Process process) {
        this.directory = directory;
        this.port = port;
        this.process = process;
    }

    static DockerRegistry start() throws IOException, InterruptedException {
        int port = FreePort.any();
        Path directory = Files.createTempDirectory("registry");
        Path config =
                Files.writeString(directory.resolve("config.yml"), """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s}}
                http: {addr: 127.0.0.1:%d}
                """.formatted(directory.resolve("data"), port));
        Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        DockerRegistry registry = new DockerRegistry(directory, port, process);
        registry.awaitReady();
        return registry;
    }

    private void awaitReady() throws IOException, InterruptedException {
        while (true) {
            try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
                return;
            } catch (IOException e) {
                if (!process.isAlive()) {
                    throw new IOException(Files.readString(directory.resolve("log")), e);
                }
                Thread.sleep(50);
            }
        }
    }

    /** Host and port, as in a reference. */
    String host() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
        Command.run("rm", "-rf", directory.toString());
    }
}
