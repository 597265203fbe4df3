package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Volumes and mounts, as a user of the docker CLI has them. */
class VolumesIT {
    private static final String CONTENT = """
            mkdir /seed/deep; ln /seed/file /seed/hard; touch -d @1000 /seed/deep; setfattr -n user.kind -v a /seed/file
            """;

    private static Engine engine;
    private static Docker docker;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
        docker.run(Rootfs.withAccounts(), "import", "-c", "CMD [\"sh\"]", "-c", "VOLUME /anonymous", "-", "box")
                .ok();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    @AfterEach
    void removeAll() throws IOException {
        docker.ok("ps", "-aq").lines().forEach(id -> docker.ok("rm", "-fv", id));
        docker.ok("volume", "ls", "-q").lines().forEach(name -> docker.ok("volume", "rm", name));
        assertThat(Mounts.below(engine.dataRoot())).isEmpty();
    }

    private static String run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("run", "--rm", "--network", "none"));
        all.addAll(List.of(arguments));
        return docker.ok(all.toArray(String[]::new));
    }

    private static Path data(String volume) {
        return engine.dataRoot().resolve("volumes").resolve(volume).resolve("_data");
    }

    @Test
    void keepsWhatContainersWrite() throws IOException {
        run("-v", "kept:/d", "box", "sh", "-c", "echo one >/d/file");
        assertThat(run("--mount", "type=volume,src=kept,dst=/elsewhere", "box", "cat", "/elsewhere/file"))
                .isEqualTo("one");
        assertThat(run("-v", "kept:/d:ro", "box", "sh", "-c", "echo two >/d/file || true; cat /d/file"))
                .endsWith("one");
        assertThat(docker.ok("volume", "inspect", "-f", "{{.Driver}} {{.Scope}} {{.Mountpoint}}", "kept"))
                .isEqualTo("local local " + data("kept"));
    }

    @Test
    void takesWhatTheImageHasInItsPlace() {
        docker.ok(
                "run",
                "--name",
                "maker",
                "--network",
                "none",
                "box",
                "sh",
                "-ec",
                CONTENT.replaceFirst("; setfattr.*", ""));
        docker.ok("commit", "maker", "seeded");
        String listing = run(
                "-v",
                "taken:/seed",
                "seeded",
                "sh",
                "-c",
                "ls -lnd /seed /seed/*; stat -c %Y /seed/deep; stat -c %h /seed/file");
        assertThat(listing)
                .containsPattern("drwxr-x--- +4 1000 +1000 .* /seed\n")
                .containsPattern("-rw-r--r-- +2 1000 +1000 .* /seed/file")
                .containsPattern("lrwxrwxrwx .* /seed/link -> file")
                .endsWith("1000\n2");
        assertThat(run("-v", "taken:/d", "box", "cat", "/d/link")).isEqualTo("seeded");
        assertThat(run("-v", "taken:/srv", "seeded", "ls", "/srv")).doesNotContain("f\n");
        assertThat(run("-v", "bare:/seed:nocopy", "seeded", "ls", "-A", "/seed"))
                .isEmpty();
        assertThat(run("--mount", "type=volume,src=bare,dst=/seed,volume-nocopy", "seeded", "ls", "-A", "/seed"))
                .isEmpty();
        docker.ok("rmi", "seeded");
    }

    @Test
    void anonymousOnesGoWithTheirContainer() {
        run("-v", "/more", "-v", "named:/d", "box", "true");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo("named");
        docker.ok("create", "--name", "first", "box", "true");
        docker.ok("create", "--name", "second", "--volumes-from", "first:ro", "box", "touch", "/anonymous/x");
        String name = docker.ok("inspect", "-f", "{{range .Mounts}}{{.Name}}{{end}}", "first");
        assertThat(name).matches("[0-9a-f]{64}");
        assertThat(docker.ok("volume", "inspect", "-f", "{{json .Labels}}", name))
                .isEqualTo("{\"com.docker.volume.anonymous\":\"\"}");
        assertThat(docker.run("start", "-a", "second").err()).contains("Read-only file system");
        docker.ok("rm", "-v", "first");
        assertThat(docker.ok("volume", "ls", "-q", "-f", "name=" + name)).isEqualTo(name);
        docker.ok("rm", "-v", "second");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo("named");
        docker.ok("create", "--name", "third", "box", "true");
        docker.ok("rm", "third");
        assertThat(docker.ok("volume", "ls", "-q", "-f", "dangling=true").lines())
                .hasSize(2);
    }

    @Test
    void nobodyRemovesWhatIsUsed() {
        String id = docker.ok("create", "--name", "user", "-v", "used:/d", "box", "true");
        assertThat(docker.run("volume", "rm", "-f", "used").err())
                .contains("remove used: volume is in use - [" + id + "]");
        assertThat(docker.ok("ps", "-aq", "--no-trunc", "-f", "volume=used")).isEqualTo(id);
        assertThat(docker.ok("ps", "-aq", "-f", "volume=other")).isEmpty();
        docker.ok("rm", "user");
        docker.ok("volume", "rm", "used");
        assertThat(docker.run("volume", "rm", "used").err()).contains("get used: no such volume");
        docker.ok("volume", "rm", "-f", "used");
    }

    /** Whoever creates a container has its volumes, whatever is removed beside it. */
    @Test
    void aContainerInTheMakingHoldsItsVolumes() throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> removing = executor.submit(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    RawClient.send(docker.socket(), "DELETE /v1.51/volumes/raced?force=1", "", "");
                }
                return null;
            });
            for (int i = 0; i < 20; i++) {
                RawClient.Answer created = RawClient.send(
                        docker.socket(),
                        "POST /v1.51/containers/create",
                        "Content-Type: application/json\r\n",
                        "{\"Image\":\"box\",\"HostConfig\":{\"Binds\":[\"raced:/seed\"]}}");
                assertThat(created.status()).as(created.body()).isEqualTo(201);
                assertThat(data("raced").resolve("file")).exists();
                String id = Json.MAPPER.readTree(created.body()).path("Id").asString();
                RawClient.send(docker.socket(), "DELETE /v1.51/containers/" + id + "?v=1", "", "");
            }
            removing.cancel(true);
        }
    }

    @Test
    void showsAPartOfItself() {
        run(
                "-v",
                "parts:/d",
                "box",
                "sh",
                "-c",
                "mkdir -p /d/sub/deep; touch /d/sub/deep/x /d/file; ln -s sub /d/inward; ln -s / /d/outward; ln -s ../../../../../../../../../etc /d/climbing");
        for (String part : List.of("sub", "sub/deep", "inward")) {
            assertThat(part(part).ok()).as(part).endsWith("/x\n");
        }
        Map<String, String> refusals = Map.of(
                "none", "no such file or directory",
                "outward", "path concatenation escapes the base directory",
                "outward/etc", "path concatenation escapes the base directory",
                "climbing", "path concatenation escapes the base directory",
                "file/x", "not a directory");
        refusals.forEach((part, words) -> assertThat(part(part).err()).as(part).contains(words));
    }

    private static Command.Result part(String subpath) {
        String mount = "type=volume,src=parts,dst=/p,volume-subpath=" + subpath + ",readonly";
        return docker.run("run", "--rm", "--network", "none", "--mount", mount, "box", "find", "/p", "-name", "x");
    }

    @Test
    void isMountedFromItsFirstUserToItsLast() throws IOException {
        docker.ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m,uid=1000", "memory");
        docker.ok("run", "-d", "--name", "one", "--network", "none", "-v", "memory:/m", "box", "sleep", "100");
        docker.ok(
                "run",
                "-d",
                "--name",
                "two",
                "--network",
                "none",
                "-v",
                "memory:/m:ro",
                "-v",
                "memory:/again",
                "box",
                "sleep",
                "100");
        docker.ok("exec", "one", "sh", "-c", "echo shared >/m/file");
        assertThat(docker.ok("exec", "two", "cat", "/m/file", "/again/file")).isEqualTo("shared\nshared");
        assertThat(docker.ok("exec", "one", "sh", "-c", "grep ' /m ' /proc/mounts; stat -c %u /m"))
                .contains("size=1024k")
                .endsWith("1000");
        assertThat(Mounts.below(engine.dataRoot())).contains(data("memory").toString());
        docker.ok("kill", "one");
        docker.ok("wait", "one");
        assertThat(docker.ok("exec", "two", "cat", "/m/file")).isEqualTo("shared");
        docker.ok("rm", "-f", "two");
        assertThat(Mounts.below(engine.dataRoot()))
                .doesNotContain(data("memory").toString());
        docker.ok("cp", "one:/etc/passwd", engine.directory().resolve("copied").toString());
        assertThat(docker.ok("start", "one")).isEqualTo("one");
        assertThat(docker.run("exec", "one", "cat", "/m/file").code()).isNotZero();
    }

    @Test
    void bindsAPathOfTheHost() throws IOException {
        Path path = Files.createDirectories(engine.directory().resolve("host"));
        Files.writeString(path.resolve("file"), "of the host");
        docker.ok("volume", "create", "-o", "type=none", "-o", "device=" + path, "-o", "o=bind,ro", "bound");
        assertThat(run("-v", "bound:/d", "box", "sh", "-c", "cat /d/file; touch /d/x 2>&1 || true"))
                .startsWith("of the host")
                .contains("Read-only");
        assertThat(docker.ok("system", "df", "-v", "--format", "{{json .Volumes}}"))
                .isEqualTo("[]");
        docker.ok("volume", "prune", "-af");
        docker.ok("volume", "rm", "bound");
        assertThat(path.resolve("file")).exists();
    }

    @Test
    void isCopiedIntoAndNotCommitted() throws IOException {
        docker.ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "lost");
        docker.ok("create", "--name", "target", "-v", "copied:/seed", "-v", "lost:/lost", "box", "true");
        Path file = Files.writeString(engine.directory().resolve("file"), "copied");
        docker.ok("cp", file.toString(), "target:/seed/new");
        docker.ok("cp", file.toString(), "target:/lost/new");
        assertThat(data("copied").resolve("new")).hasContent("copied");
        assertThat(data("lost")).isEmptyDirectory();
        docker.ok("commit", "target", "committed");
        docker.ok("rm", "-v", "target");
        assertThat(run("committed", "ls", "/seed")).isEqualTo("file\nlink\nsub");
        docker.ok("rmi", "committed");
    }

    @Test
    void isWeighedToTheByte() {
        run(
                "-v",
                "heavy:/d",
                "box",
                "sh",
                "-c",
                "printf 12345 >/d/a; ln /d/a /d/b; ln -s abc /d/l; mkdir /d/x; truncate -s 1000000 /d/x/hole");
        docker.ok("create", "--name", "holder", "-v", "held:/d", "-v", "heavy:/e", "box", "true");
        JsonNode usage = Json.MAPPER.readTree(docker.ok("system", "df", "-v", "--format", "{{json .Volumes}}"));
        assertThat(usage.toString()).contains("\"Name\":\"heavy\"").contains("\"Size\":\"1MB\"");
        docker.ok("rm", "-v", "holder");
        docker.ok("volume", "create", "--label", "keep", "labelled");
        docker.ok("create", "--name", "anonymous", "box", "true");
        docker.ok("rm", "anonymous");
        assertThat(docker.ok("volume", "prune", "-f")).endsWith("Total reclaimed space: 0B");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo("heavy\nheld\nlabelled");
        assertThat(docker.ok("volume", "prune", "-af", "--filter", "label!=keep"))
                .contains("heavy", "held")
                .endsWith("Total reclaimed space: 1MB");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo("labelled");
    }

    @Test
    void tellsWhatHappens() {
        String since = docker.ok("info", "-f", "{{.SystemTime}}");
        run("--name", "teller", "-v", "told:/d:ro", "-v", "/tmp/none-such", "box", "true");
        docker.ok("volume", "rm", "told");
        String until = docker.ok("info", "-f", "{{.SystemTime}}");
        assertThat(docker.ok(
                                "events",
                                "--since",
                                since,
                                "--until",
                                until,
                                "--filter",
                                "volume=told",
                                "--format",
                                "{{.Action}} {{index .Actor.Attributes \"destination\"}} {{index .Actor.Attributes \"read/write\"}}")
                        .lines()
                        .map(String::strip))
                .containsExactly("create", "mount /d false", "unmount", "destroy");
    }

    @Test
    void anImageIsMounted() {
        docker.run(
                        ImageTar.tar(
                                ImageTar.files("shown:1", ImageTar.layer("a", "first"), ImageTar.layer("b", "second"))),
                        "load")
                .ok();
        docker.ok(
                "create",
                "--name",
                "viewer",
                "--network",
                "none",
                "--mount",
                "type=image,src=shown:1,dst=/i",
                "box",
                "sh",
                "-c",
                "cat /i/a /i/b; touch /i/x 2>/dev/null || echo; ls /i");
        docker.ok("rmi", "shown:1");
        assertThat(docker.ok("start", "-a", "viewer")).isEqualTo("firstsecond\na\nb");
        assertThat(docker.ok("start", "-a", "viewer")).isEqualTo("firstsecond\na\nb");
        docker.ok("rm", "viewer");
        assertThat(run("--mount", "type=image,src=box,dst=/i,image-subpath=seed", "box", "ls", "/i"))
                .isEqualTo("file\nlink\nsub");
    }

    /** What a SIGKILL leaves, made by hand where it would take luck. */
    @Test
    void survivesTheEndOfTheDaemon() throws Exception {
        docker.ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "alive");
        docker.ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "dead");
        docker.ok("volume", "create", "half");
        docker.ok("volume", "create", "going");
        docker.ok(
                "run",
                "-d",
                "--name",
                "lives",
                "--network",
                "none",
                "-v",
                "alive:/m",
                "--mount",
                "type=image,src=box,dst=/i",
                "box",
                "sleep",
                "100");
        docker.ok(
                "run",
                "-d",
                "--name",
                "dies",
                "--network",
                "none",
                "-v",
                "dead:/m",
                "--mount",
                "type=image,src=box,dst=/i",
                "box",
                "sleep",
                "100");
        docker.ok("exec", "lives", "sh", "-c", "echo alive >/m/file");
        String init = docker.ok("inspect", "-f", "{{.State.Pid}}", "dies");
        engine.sigkill();
        Command.run("kill", "-9", init).ok();
        Files.writeString(
                Files.createDirectory(data("half").resolveSibling("filling")).resolve("file"), "half");
        Command.run("rm", "-r", data("going").getParent().toString()).ok();
        Files.createDirectories(data("found"));
        engine.restart();
        docker.ok("wait", "dies");
        assertThat(docker.ok("volume", "ls", "-q", "-f", "name=.").lines())
                .contains("alive", "dead", "half", "found")
                .doesNotContain("going");
        assertThat(data("half").resolveSibling("filling")).doesNotExist();
        assertThat(Mounts.below(engine.dataRoot()))
                .contains(data("alive").toString())
                .doesNotContain(data("dead").toString());
        assertThat(docker.ok("exec", "lives", "cat", "/m/file")).isEqualTo("alive");
        docker.ok("rm", "-fv", "lives", "dies");
        engine.stop();
        Command.Result check = engine.fsck();
        Files.createDirectories(data("stray"));
        Command.Result stray = engine.fsck();
        engine.restart();
        assertThat(check.out()).contains("everything is as it should be");
        assertThat(stray.out()).contains("volumes/stray: no volume has this directory");
    }
}
