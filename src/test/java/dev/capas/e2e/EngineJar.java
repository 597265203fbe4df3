package dev.capas.e2e;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The engine as a jar beside its classes: of a directory of classes the JVM keeps no archive, and every start takes twice as long. */
final class EngineJar {
    private static final Path CLASSES = Path.of("target", "classes").toAbsolutePath();
    private static final Path JAR = CLASSES.resolveSibling("engine.jar");
    private static final Path ARCHIVE = CLASSES.resolveSibling("engine.jsa");

    private EngineJar() {}

    /** The class path of the tests without their own classes, with the jar in the place of the engine's. */
    static synchronized String classPath() {
        alone(JAR, EngineJar::build);
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes") && !entry.endsWith("test-classes/"))
                .map(entry -> Path.of(entry).toAbsolutePath().equals(CLASSES) ? JAR.toString() : entry)
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The option by which the JVM uses what it wrote down when an engine of this jar ran for the first time. */
    static synchronized String archive() {
        alone(ARCHIVE, EngineJar::record);
        return "-XX:SharedArchiveFile=" + ARCHIVE;
    }

    private interface Work {
        void make() throws IOException, InterruptedException;
    }

    /** Makes a file that another process that runs tests may be about to make too. */
    private static void alone(Path made, Work work) {
        Path lock = made.resolveSibling(made.getFileName() + ".lock");
        try (FileChannel file = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.lock();
            work.make();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void record() throws IOException, InterruptedException {
        if (Files.exists(ARCHIVE)
                && Files.getLastModifiedTime(ARCHIVE).compareTo(Files.getLastModifiedTime(JAR)) >= 0) {
            return;
        }
        Path directory = Files.createTempDirectory("record");
        Path made = directory.resolve("engine.jsa");
        List<String> command = Engine.java(
                "daemon",
                "--data-root",
                directory.resolve("data").toString(),
                "--exec-root",
                directory.resolve("exec").toString(),
                "--pidfile",
                directory.resolve("pid").toString(),
                "-H",
                "unix://" + directory.resolve("socket"));
        command.add(1, "-XX:ArchiveClassesAtExit=" + made);
        Process recorded = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        Path log = directory.resolve("log");
        while (recorded.isAlive() && !Files.readString(log).contains("DOCKER_HOST")) {
            Thread.sleep(50);
        }
        recorded.destroy();
        if (recorded.waitFor() != 0 || !Files.exists(made)) {
            throw new AssertionError("no start could be recorded:\n" + Files.readString(log));
        }
        Files.move(made, ARCHIVE, StandardCopyOption.REPLACE_EXISTING);
        Command.run("rm", "-rf", directory.toString());
    }

    private static void build() throws IOException {
        if (Files.exists(JAR) && Files.getLastModifiedTime(JAR).compareTo(newest()) >= 0) {
            return;
        }
        Path made = Files.createTempFile(JAR.getParent(), "engine", ".jar");
        int status = ToolProvider.findFirst("jar")
                .orElseThrow()
                .run(System.out, System.err, "--create", "--file", made.toString(), "-C", CLASSES.toString(), ".");
        if (status != 0) {
            throw new AssertionError("no jar could be made of " + CLASSES);
        }
        Files.move(made, JAR, StandardCopyOption.REPLACE_EXISTING);
    }

    private static FileTime newest() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            return files.map(EngineJar::modified).max(FileTime::compareTo).orElseThrow();
        }
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
