package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.BlobDigest;
import dev.capas.oci.Digest;
import dev.capas.oci.MediaType;
import dev.capas.registry.FaultyRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that leave in the middle, that come twice, and that send more than fits into memory. */
class HalfWayIT {
    /** More than the heap of the engine under test, in MiB; {@code -Dcapas.stream=4096} is for a longer run by hand. */
    private static final int STREAM = Integer.getInteger("capas.stream", 300);

    private static Engine engine;
    private static Docker docker;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        docker = engine.docker();
        docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sh\"]", "-", "busybox:latest")
                .ok();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    /** Only the layer of busybox may be here, no lease and no work that was not finished. */
    @AfterEach
    void nothingIsLeft() throws Exception {
        for (int wait = 0; wait < 1000 && left().size() != 1; wait++) {
            Thread.sleep(20);
        }
        assertThat(left()).hasSize(1).first().asString().startsWith("layers/sha256/");
        assertThat(docker.ok("images", "-aq").lines()).hasSize(1);
        assertThat(Mounts.below(engine.directory())).noneMatch(mount -> mount.endsWith("/merged"));
    }

    private static List<String> left() throws IOException {
        List<String> found = new ArrayList<>();
        for (String place : List.of("layers/sha256", "staging", "tmp", "trash")) {
            Path path = engine.directory().resolve("data").resolve(place);
            if (Files.isDirectory(path)) {
                try (Stream<Path> entries = Files.list(path)) {
                    entries.forEach(entry -> found.add(place + "/" + entry.getFileName()));
                }
            }
        }
        return found;
    }

    /** Sends a request with half of its body, and closes the connection; or, without a body, reads a little of the answer first. */
    private static void leave(String method, String path, byte[] body, int answerRead) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(docker.socket()));
            OutputStream out = Channels.newOutputStream(channel);
            String head = method + " " + path + " HTTP/1.1\r\nHost: docker\r\nContent-Type: application/x-tar\r\n"
                    + "Content-Length: " + body.length + "\r\n\r\n";
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            out.write(body, 0, body.length / 2);
            InputStream in = Channels.newInputStream(channel);
            in.readNBytes(answerRead);
        }
    }

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(length).nextBytes(noise);
        return noise;
    }

    @Test
    void leavingALoadOrAnImport() throws IOException {
        byte[] layer = ImageTar.tar(Map.of("noise", noise(3_000_000)));
        byte[] archive = ImageTar.tar(ImageTar.files("left:1", layer));
        for (int turn = 0; turn < 3; turn++) {
            leave("POST", "/images/load", archive, 0);
            leave("POST", "/images/create?fromSrc=-&repo=left", layer, 0);
        }
        leave("POST", "/images/load?quiet=0", archive, 40);
    }

    @Test
    void leavingASaveOrAnExport() throws IOException {
        docker.ok("create", "--name", "exported", "busybox");
        for (int turn = 0; turn < 3; turn++) {
            leave("GET", "/images/busybox/get", new byte[0], 3000);
            leave("GET", "/containers/exported/export", new byte[0], 3000);
            leave("GET", "/containers/exported/archive?path=/", new byte[0], 3000);
        }
        docker.ok("rm", "exported");
    }

    @Test
    void leavingACopyIntoAContainer() throws IOException {
        docker.ok("create", "--name", "copied", "busybox");
        byte[] archive = ImageTar.tar(Map.of("noise", noise(3_000_000)));
        leave("PUT", "/containers/copied/archive?path=/", archive, 0);
        assertThat(docker.run(archive, "cp", "-", "copied:/tmp").code()).isZero();
        docker.ok("rm", "copied");
    }

    private static String offer(FaultyRegistry registry, byte[]... layers) {
        List<Digest> diffIds = Stream.of(layers).map(Digest::ofContent).toList();
        byte[] config = ImageTar.config(diffIds);
        List<String> blobs = new ArrayList<>();
        for (byte[] layer : layers) {
            blobs.add(descriptor(MediaType.OCI_LAYER, registry.blob("a/b", layer), layer.length));
        }
        byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"config\":"
                        + descriptor(MediaType.OCI_CONFIG, registry.blob("a/b", config), config.length)
                        + ",\"layers\":["
                        + String.join(",", blobs) + "]}")
                .getBytes(StandardCharsets.UTF_8);
        registry.manifest("a/b", "1", MediaType.OCI_MANIFEST, manifest);
        return registry.host() + "/a/b:1";
    }

    private static String descriptor(String type, BlobDigest digest, int size) {
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
    }

    @Test
    void leavingAPull() throws Exception {
        try (FaultyRegistry registry = new FaultyRegistry()) {
            String name = offer(registry, ImageTar.tar(Map.of("a", noise(3_000_000))), ImageTar.layer("b", "b"));
            registry.cutAfter(100_000);
            registry.failNext(2);
            leave("POST", "/images/create?fromImage=" + name, new byte[0], 60);
        }
    }

    @Test
    void twoPullsOfOneImageFetchEachLayerOnce() throws Exception {
        try (FaultyRegistry registry = new FaultyRegistry()) {
            String name = offer(
                    registry, ImageTar.tar(Map.of("a", noise(2_000_000))), ImageTar.tar(Map.of("b", noise(2_000_001))));
            List<CompletableFuture<Command.Result>> pulls = Stream.of(1, 2, 3)
                    .map(number -> CompletableFuture.supplyAsync(
                            () -> docker.run("pull", name),
                            task -> Thread.ofPlatform().start(task)))
                    .toList();
            for (CompletableFuture<Command.Result> pull : pulls) {
                assertThat(pull.get().ok()).contains("Digest: sha256:");
            }
            assertThat(registry.requests().stream()
                            .filter(request -> request.contains("/blobs/"))
                            .toList())
                    .as("layers, and the configuration for each who asked")
                    .hasSizeBetween(3, 5);
            docker.ok("rmi", name);
        }
    }

    @Test
    void moreThanFitsIntoMemoryStreamsThrough() throws Exception {
        shell("""
                mkdir stream
                truncate -s "$2"M stream/big; tar -C stream -cf - big | $1 import - stream:1
                $1 save stream:1 | cat >/dev/null
                $1 save stream:1 | $1 load
                $1 create --name stream stream:1 x
                $1 export stream | cat >/dev/null
                $1 cp stream:/big - | cat >/dev/null
                tar -C stream -cf - big | $1 cp - stream:/dev
                $1 rm stream; $1 rmi stream:1; rm -r stream
                """);
        assertThat(engine.log()).doesNotContain("OutOfMemory");
    }

    private static void shell(String script) {
        Command.run(
                        List.of(
                                "bash",
                                "-euo",
                                "pipefail",
                                "-c",
                                "cd \"$0\"\n" + script,
                                engine.directory().toString(),
                                "docker -H unix://" + docker.socket(),
                                Integer.toString(STREAM)),
                        new byte[0],
                        Map.of())
                .ok();
    }
}
