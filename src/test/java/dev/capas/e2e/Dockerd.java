package dev.capas.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Debian's own dockerd, unpacked beside the project and not installed, to write the archives that Capas must load and to load
 * those that Capas writes. It gets no bridge and touches no firewall.
 */
public final class Dockerd implements AutoCloseable {
    private static final String UNPACK = """
            [ ! -e "$0/root/usr/sbin/runc" ] || exit 0
            mkdir -p "$0/deb"; cd "$0/deb"
            apt-get download -q docker.io containerd runc >/dev/null 2>&1 || { apt-get update -qq; apt-get download -q docker.io containerd runc; }
            for package in *.deb; do dpkg-deb -x "$package" "$0/unpacking"; done
            rm -rf "$0/root"; mv "$0/unpacking" "$0/root"; rm -rf "$0/deb"
            """;

    private final Path directory;
    private final Process process;
    private final Docker docker;

    private Dockerd(Path directory, Process process) {
        this.directory = directory;
        this.process = process;
        this.docker = new Docker(directory.resolve("docker.sock"));
    }

    /** Starts one that keeps everything in a new directory. */
    public static Dockerd start() throws IOException, InterruptedException {
        Path root = Path.of(".capas", "dockerd").toAbsolutePath();
        if (!Files.exists(root.resolve("root/usr/sbin/runc"))) {
            Files.createDirectories(root);
            Command.run("flock", root.toString(), "sh", "-euc", UNPACK, root.toString())
                    .ok();
        }
        Path directory = Files.createTempDirectory("dockerd");
        Path programs = root.resolve("root/usr");
        // with --bridge=none it would remove the docker0 of this machine
        ProcessBuilder builder = new ProcessBuilder(
                "unshare",
                "--net",
                programs.resolve("sbin/dockerd").toString(),
                "--data-root=" + directory.resolve("data"),
                "--exec-root=" + directory.resolve("exec"),
                "--pidfile=" + directory.resolve("pid"),
                "--host=unix://" + directory.resolve("docker.sock"),
                "--bridge=none",
                "--iptables=false",
                "--ip6tables=false",
                "--ip-forward=false",
                "--ip-masq=false");
        builder.environment()
                .merge(
                        "PATH",
                        programs.resolve("bin") + ":" + programs.resolve("sbin") + ":/usr/sbin:/usr/bin:/sbin:/bin",
                        (old, own) -> own + ":" + old);
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        Dockerd dockerd = new Dockerd(directory, process);
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (dockerd.docker.run("version").code() != 0) {
            if (!process.isAlive() || System.nanoTime() > end) {
                String log = Files.readString(directory.resolve("log"));
                dockerd.close();
                throw new AssertionError("dockerd does not start:\n" + log);
            }
            Thread.sleep(100);
        }
        return dockerd;
    }

    /** The CLI pointed at it. */
    public Docker docker() {
        return docker;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        Mounts.unmountBelow(directory);
        Command.run("rm", "-rf", directory.toString()).ok();
    }
}
