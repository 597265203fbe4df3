package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.BlobDigest;
import dev.capas.oci.Digest;
import dev.capas.oci.MediaType;
import dev.capas.registry.FaultyRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images by the real docker CLI: to and from archives, a real dockerd and registries. */
class ImagesIT {
    private static final byte[] BASE = ImageTar.layer("base", "base");
    private static final byte[] TOP = ImageTar.layer("top", "top of it");

    @TempDir
    private Path directory;

    private static Engine engine;
    private static Docker docker;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    @AfterEach
    void removeImages() throws IOException {
        for (String id : docker.ok("images", "-aq").lines().distinct().toList()) {
            docker.run("rmi", "-f", id);
        }
        assertThat(left()).isEmpty();
    }

    /** Trees of layers and whatever work on them has not been finished. */
    private static List<String> left() throws IOException {
        List<String> found = new ArrayList<>();
        for (String place : List.of("layers/sha256", "staging", "tmp")) {
            Path path = engine.directory().resolve("data").resolve(place);
            if (Files.isDirectory(path)) {
                try (Stream<Path> entries = Files.list(path)) {
                    entries.forEach(entry -> found.add(place + "/" + entry.getFileName()));
                }
            }
        }
        return found;
    }

    private static String load(byte[] archive) {
        return docker.run(archive, "load").ok();
    }

    private static byte[] image(String tag) {
        return ImageTar.tar(ImageTar.files(tag, BASE, TOP));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cat", "gzip", "zstd", "xz", "bzip2"})
    void archivesAreLoadedHoweverTheyAreCompressed(String program) throws Exception {
        Path archive = Files.write(directory.resolve("image"), image("compressed:1"));
        Path packed = directory.resolve("packed");
        Command.run("sh", "-c", program + " < \"$0\" > \"$1\"", archive.toString(), packed.toString())
                .ok();
        assertThat(docker.ok("load", "-i", packed.toString())).isEqualTo("Loaded image: compressed:1");
        assertThat(docker.ok("inspect", "-f", "{{.Size}} {{json .RootFS.Layers}}", "compressed:1"))
                .isEqualTo("13 [\"" + Digest.ofContent(BASE) + "\",\"" + Digest.ofContent(TOP) + "\"]");
    }

    @Test
    void layersThatAreHereMayComeEmpty() {
        load(ImageTar.tar(ImageTar.files("first:1", BASE)));
        Map<String, byte[]> files = ImageTar.files("second:1", BASE, TOP);
        files.put(Digest.ofContent(BASE).hex() + "/layer.tar", new byte[0]);
        assertThat(load(ImageTar.tar(files))).isEqualTo("Loaded image: second:1\n");
    }

    @Test
    void whatIsWrongLeavesNothing() throws IOException {
        byte[] whole = image("broken:1");
        for (int length = 100; length < whole.length - 2048; length += 1000) {
            assertThat(docker.run(Arrays.copyOf(whole, length), "load").code()).isNotZero();
        }
        Map<String, byte[]> lying = ImageTar.files("broken:1", BASE, TOP);
        lying.put(Digest.ofContent(TOP).hex() + "/layer.tar", ImageTar.layer("top", "something else"));
        Map<String, byte[]> missing = ImageTar.files("broken:1", BASE, TOP);
        missing.remove(Digest.ofContent(TOP).hex() + "/layer.tar");
        Map<String, byte[]> nameless = ImageTar.files("BROKEN", BASE);
        Map<String, byte[]> nothing = ImageTar.files("broken:1", BASE);
        nothing.put("manifest.json", "null".getBytes(StandardCharsets.UTF_8));
        Map<String, byte[]> outside = ImageTar.files("broken:1", ImageTar.layer("../../escaped", "x"));
        for (Map<String, byte[]> files : List.of(lying, missing, nameless, nothing, outside)) {
            assertThat(docker.run(ImageTar.tar(files), "load").code()).isNotZero();
        }
        assertThat(left()).isEmpty();
        assertThat(docker.ok("images", "-aq")).isEmpty();
    }

    @Test
    void namesComeAndGoAsInDocker() {
        load(image("one:1"));
        docker.ok("tag", "one:1", "two:1");
        String id = docker.ok("inspect", "-f", "{{.Id}}", "one:1");
        assertThat(docker.run("rmi", id).err())
                .contains("conflict: unable to delete " + id.substring(7, 19)
                        + " (must be forced) - image is referenced in multiple repositories");
        assertThat(docker.ok("rmi", "two:1")).isEqualTo("Untagged: two:1");
        Digest base = Digest.ofContent(BASE);
        assertThat(docker.ok("rmi", id).lines())
                .containsExactly(
                        "Untagged: one:1",
                        "Deleted: " + id,
                        "Deleted: " + base.chain(Digest.ofContent(TOP)),
                        "Deleted: " + base);
    }

    @Test
    void aSharedLayerStaysWithTheOtherImage() throws IOException {
        load(image("both:1"));
        load(ImageTar.tar(ImageTar.files("alone:1", TOP)));
        assertThat(left()).hasSize(2);
        assertThat(docker.ok("rmi", "both:1").lines()).hasSize(3);
        assertThat(left())
                .containsExactly("layers/sha256/" + Digest.ofContent(TOP).hex());
        assertThat(docker.ok("images", "--format", "{{.Repository}} {{.Size}}")).isEqualTo("alone 9B");
    }

    @Test
    void aTreeIsImportedWithChanges() {
        String id = docker.run(BASE, "import", "-m", "by hand", "-c", "ENV A=1", "-c", "CMD echo $A", "-", "tree:1")
                .ok()
                .strip();
        assertThat(docker.ok(
                        "inspect", "-f", "{{.Id}} {{.Comment}} {{json .Config.Env}} {{json .Config.Cmd}}", "tree:1"))
                .isEqualTo(id + " by hand [\"A=1\"] [\"/bin/sh\",\"-c\",\"echo $A\"]");
        assertThat(docker.run(BASE, "import", "-c", "RUN x", "-").err()).contains("RUN is not a valid change command");
    }

    @Test
    void aSavedArchiveIsTheSameEachTimeAndDockerLoadsIt() throws Exception {
        Path saved = directory.resolve("saved");
        Path again = directory.resolve("again");
        load(image("saved:1"));
        docker.ok("save", "-o", saved.toString(), "saved:1");
        docker.ok("save", "-o", again.toString(), "saved:1");
        assertThat(saved).hasSameBinaryContentAs(again);
        List<String> names =
                Command.run("tar", "tf", saved.toString()).ok().lines().toList();
        assertThat(names).isSorted().contains("index.json", "manifest.json", "oci-layout", "repositories");
        assertThat(Command.run(
                                "tar",
                                "xOf",
                                saved.toString(),
                                "blobs/sha256/" + Digest.ofContent(TOP).hex())
                        .ok())
                .isEqualTo(new String(TOP, StandardCharsets.UTF_8));
        try (Dockerd dockerd = Dockerd.start()) {
            assertThat(dockerd.docker().ok("load", "-i", saved.toString())).isEqualTo("Loaded image: saved:1");
            assertThat(dockerd.docker().ok("inspect", "-f", "{{.Id}} {{json .RootFS.Layers}}", "saved:1"))
                    .isEqualTo(docker.ok("inspect", "-f", "{{.Id}} {{json .RootFS.Layers}}", "saved:1"));
        }
    }

    @Test
    void anImageGoesToARegistryAndComesBack() throws Exception {
        try (DockerRegistry registry = DockerRegistry.start()) {
            String name = registry.host() + "/a/b:1";
            load(image(name));
            String id = docker.ok("inspect", "-f", "{{.Id}}", name);
            docker.ok("push", name);
            assertThat(docker.ok("push", name)).contains("Layer already exists");
            String digest = docker.ok("inspect", "-f", "{{index .RepoDigests 0}}", name);
            docker.ok("rmi", "-f", id);
            assertThat(docker.ok("pull", name))
                    .contains("Pulling from a/b", "Pull complete")
                    .contains("Status: Downloaded newer image for " + name);
            assertThat(docker.ok("inspect", "-f", "{{.Id}}", name)).isEqualTo(id);
            assertThat(docker.ok("pull", name)).contains("Status: Image is up to date for " + name);
            docker.ok("rmi", name);
            docker.ok("pull", digest);
            assertThat(docker.ok("inspect", "-f", "{{.Id}}", digest)).isEqualTo(id);
            assertThat(docker.run("pull", registry.host() + "/a/b:none").err()).contains("manifest unknown");
        }
    }

    @Test
    void anIndexIsPulledOverConnectionsThatBreak() throws Exception {
        byte[] random = new byte[400_000];
        new Random(1).nextBytes(random);
        byte[] layer = ImageTar.tar(Map.of("big", random));
        Path plain = Files.write(directory.resolve("layer"), layer);
        Command.run("zstd", "-q", plain.toString()).ok();
        byte[] zstd = Files.readAllBytes(directory.resolve("layer.zst"));
        byte[] gzip = gzip(BASE);
        byte[] config = ImageTar.config(List.of(Digest.ofContent(BASE), Digest.ofContent(layer)));
        try (FaultyRegistry registry = new FaultyRegistry()) {
            String blobs =
                    "{\"mediaType\":\"" + MediaType.OCI_LAYER + "+gzip\",\"digest\":\"" + registry.blob("a/b", gzip)
                            + "\",\"size\":" + gzip.length + "},{\"mediaType\":\"" + MediaType.OCI_LAYER
                            + "+zstd\",\"digest\":\""
                            + registry.blob("a/b", zstd) + "\",\"size\":" + zstd.length + "}";
            byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST
                            + "\",\"config\":{\"mediaType\":\""
                            + MediaType.OCI_CONFIG + "\",\"digest\":\"" + registry.blob("a/b", config) + "\",\"size\":"
                            + config.length + "},\"layers\":[" + blobs + "]}")
                    .getBytes(StandardCharsets.UTF_8);
            Digest digest = registry.manifest("a/b", "amd64", MediaType.OCI_MANIFEST, manifest);
            byte[] index = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_INDEX
                            + "\",\"manifests\":[{\"mediaType\":\""
                            + MediaType.OCI_MANIFEST + "\",\"digest\":\"" + digest + "\",\"size\":" + manifest.length
                            + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}]}")
                    .getBytes(StandardCharsets.UTF_8);
            registry.manifest("a/b", "1", MediaType.OCI_INDEX, index);
            registry.cutAfter(150_000);
            String name = registry.host() + "/a/b:1";
            assertThat(docker.ok("pull", "--platform", "linux/amd64", name))
                    .contains("Digest: " + Digest.ofContent(index));
            assertThat(registry.requests()).anyMatch(request -> request.endsWith("bytes=150000-"));
            assertThat(docker.ok("inspect", "-f", "{{.Id}} {{.Size}}", name))
                    .isEqualTo(Digest.ofContent(config) + " 400004");
            assertThat(docker.run("pull", "--platform", "linux/s390x", name).err())
                    .contains("no matching manifest for linux/s390x in the manifest list entries");
            docker.ok("rmi", name);
            registry.blob("a/b", BlobDigest.of(Digest.ofContent(gzip)), gzip(TOP));
            assertThat(docker.run("pull", name).code()).isNotZero();
            assertThat(left()).isEmpty();
        }
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }
}
