package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.layer.tar.Tar;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Files, comparisons and budgets of a running engine, beside what {@code find} sees in exported trees. */
class FilesIT {
    private static final int BLOB = 300_000;

    @TempDir
    private static Path directory;

    private static Engine engine;
    private static Docker docker;
    private static Path readOnly;

    @BeforeAll
    static void start() throws Exception {
        readOnly = directory.resolve("read.sock");
        engine = Engine.start("--read-only-host", "unix://" + readOnly);
        docker = engine.docker();
        byte[] base = Rootfs.busybox();
        byte[] app = Rootfs.tar("""
                mkdir -p opt/app/data opt/gone etc
                head -c 300000 /dev/urandom >opt/app/data/blob; ln opt/app/data/blob opt/app/link
                echo run >opt/app/run; chmod 6755 opt/app/run; ln -s ../run opt/app/data/to-run
                echo x >opt/gone/x; mkfifo opt/fifo; mknod opt/null c 1 3
                printf odd >"opt/$(printf 'od\\377d %%25 n')"; printf line >"opt/$(printf 'a\\nb')"
                """);
        byte[] owned = Rootfs.tar("cp -a %s/. . && chown -R 1000:1000 opt/app".formatted(unpacked(app, "opt/app")));
        byte[] last = Tar.of(
                Tar.file("opt/app/.wh.run", ""),
                Tar.file("opt/gone/.wh..wh..opq", ""),
                Tar.file("opt/gone/z", "zzz"),
                Tar.directory("new/deep/"));
        load("app:base", List.of("COPY busybox"), base);
        load("app:main", List.of("COPY busybox", "COPY app"), base, app);
        load(
                "app:pr",
                List.of("COPY busybox", "COPY app", "RUN chown -R 1000:1000 /opt/app", "RUN rm"),
                base,
                app,
                owned,
                last);
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    /** A directory with some of a tar in it, owners and links as they are. */
    private static Path unpacked(byte[] tar, String only) throws IOException {
        Path tree = Files.createDirectory(directory.resolve("part"));
        Path archive = Files.write(directory.resolve("part.tar"), tar);
        Command.run("tar", "-C", tree.toString(), "-xpf", archive.toString(), "--numeric-owner", "./" + only)
                .ok();
        return tree;
    }

    private static void load(String tag, List<String> steps, byte[]... layers) {
        Map<String, byte[]> files = new LinkedHashMap<>(ImageTar.files(tag, layers));
        String history = steps.stream()
                .map(step -> "{\"created_by\":\"" + step + "\"}")
                .collect(Collectors.joining(",", "\"history\":[", "],"));
        List<Digest> diffIds = Stream.of(layers).map(Digest::ofContent).toList();
        String plain = new String(ImageTar.config(diffIds), StandardCharsets.UTF_8);
        byte[] config = plain.replace("\"rootfs\"", history + "\"rootfs\"").getBytes(StandardCharsets.UTF_8);
        files.replace(Digest.ofContent(plain.getBytes(StandardCharsets.UTF_8)).hex() + ".json", config);
        docker.run(ImageTar.tar(files), "load").ok();
    }

    private static RawClient.Answer get(String target) throws IOException {
        return RawClient.get(docker.socket(), target);
    }

    private static JsonNode json(String target) throws IOException {
        RawClient.Answer answer = get(target);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return Json.MAPPER.readTree(answer.body());
    }

    private static String text(String target) throws IOException {
        return RawClient.send(docker.socket(), "GET " + target, "Accept: text/plain\r\n", "")
                .body();
    }

    /** Every byte of a path, each a character, without the leading slash. */
    private static String key(JsonNode file) {
        String encoded = file.path("EncodedPath").asString("");
        String path = encoded.isEmpty()
                ? new String(file.path("Path").asString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)
                : URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.ISO_8859_1);
        return path.substring(1);
    }

    private static Map<String, String> listed(String target, Set<String> without) throws IOException {
        Map<String, String> files = new TreeMap<>();
        for (JsonNode file : json(target)) {
            if (!without.contains(file.path("Layer").asString())) {
                files.put(
                        key(file),
                        String.join(
                                " ",
                                file.path("Type").asString(),
                                Integer.toOctalString(file.path("Mode").asInt()),
                                file.path("Uid").asLong() + ":"
                                        + file.path("Gid").asLong(),
                                Long.toString(file.path("Size").asLong()),
                                file.path("Target").asString("")));
            }
        }
        return files;
    }

    /** What {@code find} sees where {@code tar} has unpacked a container's export. */
    private static Map<String, String> exported(String container) throws IOException {
        Path tree = Files.createTempDirectory(directory, "tree");
        Path archive = directory.resolve("export.tar");
        docker.ok("export", "-o", archive.toString(), container);
        Command.run("tar", "-C", tree.toString(), "-xpf", archive.toString(), "--numeric-owner")
                .ok();
        Path listing = directory.resolve("listing");
        String format = "%P\\t%y\\t%m\\t%U:%G\\t%s\\t%i\\t%l\\0";
        Command.run("find", tree.toString(), "-mindepth", "1", "-fprintf", listing.toString(), format)
                .ok();
        List<String[]> lines = Stream.of(
                        Files.readString(listing, StandardCharsets.ISO_8859_1).split("\0"))
                .map(line -> line.split("\t", 7))
                .toList();
        Map<String, String> files = new TreeMap<>();
        for (String[] line : lines) {
            long size = line[1].equals("d") ? below(line[0], lines) : Long.parseLong(line[4]);
            String type = Map.of("d", "directory", "f", "file", "l", "symlink", "p", "fifo", "c", "device")
                    .get(line[1]);
            files.put(line[0], String.join(" ", type, line[2], line[3], Long.toString(size), line[6]));
        }
        Command.run("rm", "-rf", tree.toString()).ok();
        return files;
    }

    private static long below(String parent, List<String[]> lines) {
        Set<String> inodes = new HashSet<>();
        return lines.stream()
                .filter(line -> line[0].startsWith(parent + "/") && !line[1].equals("d") && inodes.add(line[5]))
                .mapToLong(line -> Long.parseLong(line[4]))
                .sum();
    }

    @Test
    void filesAreThoseOfTheExportedTree() throws Exception {
        docker.ok("create", "--name", "still", "app:pr");
        try {
            Map<String, String> exported = exported("still");
            Map<String, String> ofContainer = listed("/containers/still/files?depth=99", Set.of());
            assertThat(ofContainer).isEqualTo(exported).hasSizeGreaterThan(300);
            Map<String, String> ofImage = listed("/images/app:pr/files?depth=99", Set.of());
            assertThat(ofImage)
                    .containsAllEntriesOf(listed("/containers/still/files?depth=99", Set.of("init")))
                    .containsEntry("opt/od\u00ffd %25 n", "file 644 0:0 3 ")
                    .containsEntry("opt/app/link", "file 644 1000:1000 300000 ")
                    .doesNotContainKeys("opt/app/run", "opt/gone/x", ".dockerenv");
            assertThat(ofImage.keySet()).isSubsetOf(exported.keySet());
        } finally {
            docker.ok("rm", "still");
        }
    }

    @Test
    void aContainersOwnFilesLieOnThoseOfItsImage() throws Exception {
        docker.ok("run", "-d", "--init", "--name", "running", "app:pr", "sh", "-c", """
                echo 12345 >/new/file; rm /opt/app/link; rm -r /opt/gone; mkdir /opt/gone; echo v >/opt/gone/v
                chown 5:5 /opt/null; ln /new/file /new/again; : >/ready; sleep 100""");
        try {
            while (docker.run("cp", "running:/ready", directory.toString()).code() != 0) {
                Thread.sleep(50);
            }
            Map<String, String> running = listed("/containers/running/files?depth=99", Set.of());
            assertThat(running)
                    .containsEntry("new/again", "file 644 0:0 6 ")
                    .containsEntry("new", "directory 755 0:0 6 ")
                    .containsEntry("opt/gone/v", "file 644 0:0 2 ")
                    .doesNotContainKeys("opt/app/link", "opt/gone/z");
            docker.ok("stop", "-t", "0", "running");
            assertThat(listed("/containers/running/files?depth=99", Set.of()))
                    .isEqualTo(exported("running"))
                    .containsAllEntriesOf(Map.of("new/again", "file 644 0:0 6 "));
            assertThat(json("/containers/running/files?path=/new/file")
                            .get(0)
                            .path("Layer")
                            .asString())
                    .isEqualTo("container");
        } finally {
            docker.ok("rm", "-f", "running");
        }
    }

    @Test
    void listsAreSortedAndPaged() throws Exception {
        String target = "/images/app:pr/files?path=/opt&depth=9&sort=-size&limit=3";
        List<String> paths = new ArrayList<>();
        List<Long> sizes = new ArrayList<>();
        for (String next = target; next != null; ) {
            RawClient.Answer answer = get(next);
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            Json.MAPPER.readTree(answer.body()).forEach(file -> {
                paths.add(key(file));
                sizes.add(file.path("Size").asLong());
            });
            String link = answer.headers().get("link");
            next = link == null ? null : link.substring(1, link.indexOf('>'));
        }
        assertThat(sizes).isSortedAccordingTo(java.util.Comparator.reverseOrder());
        assertThat(paths)
                .doesNotHaveDuplicates()
                .hasSize(json("/images/app:pr/files?path=/opt&depth=9").size());
        assertThat(json("/images/app:pr/files?path=/opt/od%FFd%20%2525%20n")
                        .get(0)
                        .path("EncodedPath")
                        .asString())
                .isEqualTo("/opt/od%FFd%20%2525%20n");
        assertThat(text("/images/app:pr/files?path=/opt")).contains("/opt/a\\u000ab", "/opt/od%FFd", "SIZE");
    }

    @Test
    void aComparisonCountsEveryFileOnce() throws Exception {
        JsonNode compared = json("/images/app:pr/compare?base=app:main");
        JsonNode files = compared.path("Files");
        long image =
                json("/images/app:pr/files?path=/&depth=0").get(0).path("Size").asLong();
        long base = json("/images/app:main/files?path=/&depth=0")
                .get(0)
                .path("Size")
                .asLong();
        assertThat(sum(files, "Size", "Common", "Added", "Changed")).isEqualTo(image);
        assertThat(sum(files, "BaseSize", "Common", "Removed", "Changed")).isEqualTo(base);
        assertThat(compared.path("SizeDelta").asLong())
                .isEqualTo(size("app:pr") - size("app:main"))
                .isEqualTo(BLOB + 10 + 3);
        assertThat(compared.path("CompressedDelta").isNull()).isTrue();
        assertThat(compared.path("Layers").path("Common").path("Count").asInt()).isEqualTo(2);
        assertThat(compared.path("Layers").path("Added").path("Size").asLong()).isEqualTo(BLOB + 10 + 3);
        assertThat(files.path("MetadataOnly").path("Size").asLong()).isEqualTo(BLOB + 6);
        Map<String, String> changes = new TreeMap<>();
        files.path("Differences")
                .forEach(difference -> changes.put(
                        difference.path("Path").asString(),
                        difference.path("Kind").asString() + difference.path("Changes")));
        assertThat(changes)
                .containsOnly(
                        Map.entry("/new", "added[]"),
                        Map.entry("/new/deep", "added[]"),
                        Map.entry("/opt/app/data", "changed[\"owner\"]"),
                        Map.entry("/opt/app/data/blob", "changed[\"owner\"]"),
                        Map.entry("/opt/app/data/to-run", "changed[\"owner\"]"),
                        Map.entry("/opt/app/link", "changed[\"owner\"]"),
                        Map.entry("/opt/app/run", "removed[]"),
                        Map.entry("/opt/gone/x", "removed[]"),
                        Map.entry("/opt/gone/z", "added[]"));
        assertThat(text("/images/app:pr/compare?base=app:main&change=metadata&limit=1"))
                .contains("/opt/app/data/blob", "changed: owner")
                .doesNotContain("/opt/gone/z");
    }

    private static long size(String image) {
        return Long.parseLong(docker.ok("inspect", "-f", "{{.Size}}", image).strip());
    }

    private static long sum(JsonNode files, String size, String... sets) {
        return Stream.of(sets)
                .mapToLong(set -> files.path(set).path(size).asLong())
                .sum();
    }

    @Test
    void aBaseMayBeInARegistryWhereTheListenerIsNotReadOnly() throws Exception {
        try (DockerRegistry registry = DockerRegistry.start()) {
            String remote = registry.host() + "/app:main";
            docker.ok("tag", "app:main", remote);
            docker.ok("push", "-q", remote);
            docker.ok("rmi", remote);
            JsonNode compared = json("/images/app:pr/compare?base=" + remote);
            assertThat(compared.path("InRegistry").asBoolean()).isTrue();
            assertThat(compared.path("Files").isNull()).isTrue();
            assertThat(compared.path("SizeDelta").asLong()).isEqualTo(size("app:pr") - size("app:main"));
            assertThat(compared.path("BaseCompressedSize").asLong()).isPositive();
            RawClient.Answer refused = RawClient.get(readOnly, "/images/app:pr/compare?base=" + remote);
            assertThat(refused.status()).as(refused.body()).isEqualTo(403);
            assertThat(RawClient.get(readOnly, "/images/app:pr/compare?base=app:main")
                            .status())
                    .isEqualTo(200);
            assertThat(get("/images/app:main/compare?base=" + remote).body()).contains("itself");
            assertThat(get("/images/app:pr/compare?base=" + registry.host() + "/none:1")
                            .status())
                    .isEqualTo(404);
        }
    }

    @Test
    void aBudgetNamesWhatBreaksIt() throws Exception {
        long wasted = BLOB + 10 + 6;
        RawClient.Answer over =
                get("/images/app:pr/budget?max=1kB&base=app:main&maxGrowth=5kB&maxWasted=10kB&warn=max");
        assertThat(over.status()).as(over.body()).isEqualTo(422);
        JsonNode budget = Json.MAPPER.readTree(over.body());
        assertThat(budget.path("Passed").asBoolean()).isFalse();
        assertThat(budget.path("Rules"))
                .extracting(rule -> rule.path("Name").asString() + " "
                        + rule.path("Limit").asLong() + " "
                        + rule.path("Actual").asLong() + " "
                        + rule.path("Result").asString())
                .containsExactly(
                        "max 1000 " + size("app:pr") + " warned",
                        "maxGrowth 5000 " + (BLOB + 10 + 3) + " failed",
                        "maxWasted 10000 " + wasted + " failed");
        JsonNode waste = budget.path("Rules").get(2);
        assertThat(waste.path("Layers").get(0).path("CreatedBy").asString())
                .isEqualTo("RUN chown -R 1000:1000 /opt/app");
        assertThat(waste.path("Files").get(0).path("Size").asLong()).isEqualTo(BLOB);
        assertThat(text("/images/app:pr/budget?maxWasted=10kB"))
                .contains("failed, over by", "RUN chown -R 1000:1000 /opt/app", "/opt/app/");
        assertThat(json("/images/app:pr/budget?max=400kB&above=app:main")
                        .path("Passed")
                        .asBoolean())
                .isTrue();
        assertThat(json("/images/app:pr/budget?max=1&warn=max").path("Passed").asBoolean())
                .isTrue();
        assertThat(get("/images/app:pr/budget?max=300kB&above=app:main").status())
                .isEqualTo(422);
        List<String> command =
                Engine.java("budget", "-H", "unix://" + docker.socket(), "--max-wasted", "10kB", "app:pr");
        Command.Result run = Command.run(command, new byte[0], Map.of());
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).contains("maxWasted", "RUN chown -R");
    }

    @ParameterizedTest
    @CsvSource({
        "app:pr/files?path=/opt/../etc, 400, is not followed",
        "app:pr/files?path=/opt/*, 404, patterns are not expanded",
        "app:pr/files?path=/%FF, 404, No such file or directory",
        "app:pr/files?path=/a%00b, 400, NUL",
        "app:pr/files?path=/a%zz, 400, invalid URL escape",
        "app:pr/files?path=/bin/sh/x, 404, is a symbolic link to busybox",
        "app:pr/files?depth=-1, 400, negative",
        "app:pr/files?sort=name, 400, the keys are",
        "app:pr/files?limit=0, 400, invalid limit",
        "app:pr/files?limit=1&cursor=abc, 400, invalid cursor",
        "app:none/files, 404, No such image: app:none",
        "app:pr/compare, 400, is needed",
        "app:pr/compare?base=app:pr, 400, itself",
        "app:pr/compare?base=app:main&change=new, 400, invalid change",
        "app:pr/compare?base=app:main&sort=color, 400, the keys are",
        "app:pr/budget, 400, no rule",
        "app:pr/budget?max=1XB, 400, units",
        "app:pr/budget?max=-1, 400, negative",
        "app:pr/budget?max=99999999EB, 400, too large",
        "app:pr/budget?max=1&maxGrwth=1, 400, unknown rule",
        "app:pr/budget?max=1&warn=all, 400, unknown rule",
        "app:pr/budget?max=1&max=2, 400, more than once",
        "app:pr/budget?maxGrowth=1, 400, base is missing",
        "app:pr/budget?max=1&base=app:main, 400, maxGrowth is missing",
        "app:pr/budget?maxGrowth=1&base=app:none, 404, No such image: app:none",
        "app:pr/budget?maxGrowth=1&base=app:pr, 400, itself",
        "app:pr/budget?max=1&above=app:none, 404, No such image: app:none",
        "app:main/budget?max=1&above=app:pr, 400, does not stand on"
    })
    void whatCannotBeRightIsSaid(String target, int status, String words) throws Exception {
        RawClient.Answer answer = get("/images/" + target);
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(Json.MAPPER.readTree(answer.body()).path("message").asString())
                .contains(words);
    }
}
