package dev.capas.e2e;

import dev.capas.oci.Digest;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Capas as a process of its own, in a directory of its own. Closing it removes its containers, checks that nothing is left, and deletes the directory. */
public final class Engine implements AutoCloseable {
    private static final int STOP_SECONDS = 30;

    private final Path directory;
    private final Path dataRoot;
    private final List<String> flags;
    private final Docker docker;
    private Process process;

    private Engine(Path directory, Path dataRoot, List<String> flags) throws IOException, InterruptedException {
        this.directory = directory;
        this.dataRoot = dataRoot;
        this.flags = flags;
        this.docker = new Docker(directory.resolve("capas.sock"));
        this.process = launch();
        awaitReady();
    }

    /** Starts an engine with these flags beside those that give it its place. */
    public static Engine start(String... flags) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("capas");
        return new Engine(directory, directory.resolve("data"), List.of(flags));
    }

    /** Starts an engine whose data root lies elsewhere. */
    static Engine startOn(Path dataRoot) throws IOException, InterruptedException {
        return new Engine(Files.createTempDirectory("capas"), dataRoot, List.of());
    }

    /** The command line of an engine, as the tests' own class path runs it. */
    static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports",
                "java.base/sun.nio.ch=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                EngineJar.classPath(),
                "dev.capas.daemon.Capas"));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    /** The command line of an engine for another user, who cannot read the class path of the tests: it is copied to the directory. */
    static List<String> javaFrom(Path directory, String... arguments) {
        List<String> command = java(arguments);
        int index = command.indexOf("-cp") + 1;
        Path library = directory.resolve("lib");
        List<String> copied = new ArrayList<>();
        Command.run("mkdir", library.toString()).ok();
        for (String entry : command.get(index).split(java.io.File.pathSeparator)) {
            Path copy = library.resolve(copied.size() + "-" + Path.of(entry).getFileName());
            Command.run("cp", "-r", entry, copy.toString()).ok();
            copied.add(copy.toString());
        }
        Command.run("chmod", "-R", "a+rX", library.toString()).ok();
        command.set(index, String.join(java.io.File.pathSeparator, copied));
        return command;
    }

    /** The CLI pointed at it. */
    public Docker docker() {
        return docker;
    }

    /** Where it keeps everything: {@code data}, {@code exec}, {@code capas.sock}, {@code log}. */
    public Path directory() {
        return directory;
    }

    /** What it has logged. */
    public String log() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    /** Its process number. */
    public long pid() {
        return process.pid();
    }

    /** Ends it as a power cut would, containers excepted. */
    public void sigkill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Asks it to stop with SIGTERM, and returns its exit code. */
    public int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running " + STOP_SECONDS + " s after SIGTERM");
        }
        return process.exitValue();
    }

    /** Where its data is. */
    Path dataRoot() {
        return dataRoot;
    }

    /** Starts it again on what it left. */
    public void restart() throws IOException, InterruptedException {
        process = launch();
        awaitReady();
    }

    /** Runs {@code capas fsck} on what it left; only while it does not run. */
    public Command.Result fsck() {
        List<String> command = java(
                "fsck",
                "--data-root",
                dataRoot.toString(),
                "--exec-root",
                directory.resolve("exec").toString());
        command.addAll(flags);
        return Command.run(command, new byte[0], java.util.Map.of());
    }

    /** What is left of its containers: processes that were started for them, and mounts. */
    public List<String> leftovers() throws IOException {
        List<String> left = new ArrayList<>(Mounts.below(dataRoot));
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path entry : processes) {
                if (!entry.getFileName().toString().equals(Long.toString(process.pid()))) {
                    String line = commandLine(entry);
                    if (line.contains(directory.toString())) {
                        left.add(line);
                    }
                }
            }
        }
        return left;
    }

    /** What its links and its table of rules are called: others of this host have other marks. */
    String networkMark() {
        return "capas-"
                + Digest.ofContent(dataRoot.toString().getBytes(StandardCharsets.UTF_8))
                        .hex()
                        .substring(0, 8);
    }

    /** The bridges on the host that are its own. */
    List<String> links() {
        return Command.run("sh", "-c", "grep -ls \"^$0 \" /sys/class/net/*/ifalias", networkMark())
                .out()
                .lines()
                .map(file -> Path.of(file).getParent().getFileName().toString())
                .toList();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        List<String> left = new ArrayList<>();
        try {
            if (process.isAlive()) {
                for (String id : docker.run("ps", "-aq").out().lines().toList()) {
                    docker.run("rm", "-fv", id);
                }
                stop();
                left.addAll(links());
                left.addAll(Command.run("nft", "list", "tables")
                        .ok()
                        .lines()
                        .filter(table -> table.endsWith(networkMark()))
                        .toList());
            }
            left.addAll(leftovers());
            if (!left.isEmpty()) {
                throw new AssertionError("left behind: " + left + "\n" + log());
            }
        } finally {
            process.destroyForcibly().waitFor();
            Command.run(
                    "sh",
                    "-c",
                    "for p in $(grep -lsF \"$0\" /proc/[0-9]*/cmdline); do p=${p%/cmdline}; p=${p#/proc/}; [ $p = $$ ] || kill -9 $p; done",
                    directory + "/");
            Mounts.unmountBelow(directory);
            for (String link : links()) {
                Command.run("ip", "link", "del", link);
            }
            Command.run("nft", "delete", "table", "inet", networkMark());
            Command.run("rm", "-rf", directory.toString());
        }
    }

    private Process launch() throws IOException, InterruptedException {
        List<String> command = java(
                "daemon",
                "--data-root",
                dataRoot.toString(),
                "--exec-root",
                directory.resolve("exec").toString(),
                "--pidfile",
                directory.resolve("pid").toString(),
                "-H",
                "unix://" + docker.socket(),
                "--no-docker-socket");
        command.addAll(flags);
        command.addAll(1, List.of(EngineJar.archive(), "-Xlog:cds=off", "-Xlog:aot=off"));
        // who runs the tests under nohup, or in the background of a shell, hands on that it ignores these
        command.addAll(0, List.of("env", "--default-signal=HUP,INT,TERM"));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
    }

    private void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(180).toNanos();
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("the engine does not start:\n" + log());
            }
            Thread.sleep(50);
        }
    }

    /** Asked without the CLI, whose many starts would slow that of the engine. */
    private boolean answers() {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(docker.socket()))) {
            channel.write(ByteBuffer.wrap("GET /_ping HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            return channel.read(ByteBuffer.allocate(16)) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String commandLine(Path entry) {
        try {
            return Files.readString(entry.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }
}
