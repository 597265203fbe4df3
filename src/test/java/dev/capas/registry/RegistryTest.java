package dev.capas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.home.EngineHome;
import dev.capas.home.TemporaryFile;
import dev.capas.oci.BlobDigest;
import dev.capas.oci.MediaType;
import dev.capas.oci.Reference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Registries that work, that want to know who asks, and that break off. */
class RegistryTest {
    private static final byte[] MANIFEST = "{\"schemaVersion\":2,\"layers\":[]}".getBytes(StandardCharsets.UTF_8);
    private static final Credentials ANNA = new Credentials("anna", "secret", null, null, null);

    @TempDir
    private Path directory;

    private FaultyRegistry server;
    private EngineHome home;
    private final byte[] bytes = new byte[1_000_000];

    @BeforeEach
    void start() throws IOException {
        server = new FaultyRegistry();
        home = new EngineHome(directory, directory);
        new Random(7).nextBytes(bytes);
        server.manifest("a/b", "1", MediaType.DOCKER_MANIFEST, MANIFEST);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private Repository repository(Credentials credentials, String... mirrors) throws IOException {
        Registries registries = new Registries(new RegistrySettings(List.of(), List.of(mirrors)), new Transport());
        String name = mirrors.length > 0 ? "a/b:1" : server.host() + "/a/b:1";
        return registries.repository(Reference.parse(name), credentials);
    }

    private final class Told implements BlobDownload.Listener {
        private final List<String> lines = new ArrayList<>();
        private long last;

        @Override
        public void downloaded(long count) {
            last = count;
        }

        @Override
        public void retrying(long seconds) {
            lines.add("retrying in " + seconds);
        }

        @Override
        public void verifying() {
            lines.add("verifying");
        }
    }

    private byte[] download(BlobDigest digest, long size, Told told) throws IOException {
        BlobDownload download = new BlobDownload(repository(Credentials.ANONYMOUS), home);
        try (TemporaryFile file = download.download(digest, size, told)) {
            return file.read(0, file.size()).readAllBytes();
        }
    }

    @Test
    void aManifestIsFoundByTagAndByDigest() throws IOException {
        Repository.Document byTag = repository(Credentials.ANONYMOUS).manifest("1");
        assertThat(byTag.content()).isEqualTo(MANIFEST);
        assertThat(byTag.mediaType()).isEqualTo(MediaType.DOCKER_MANIFEST);
        assertThat(repository(Credentials.ANONYMOUS)
                        .manifest(byTag.digest().toString())
                        .content())
                .isEqualTo(MANIFEST);
    }

    @Test
    void whatIsNotThereIsTheRegistrysOwnRefusal() throws IOException {
        Repository repository = repository(Credentials.ANONYMOUS);
        assertThatThrownBy(() -> repository.manifest("2"))
                .isInstanceOfSatisfying(
                        RegistryFailure.class, e -> assertThat(e.status()).isEqualTo(404))
                .hasMessage("manifest unknown: manifest unknown");
    }

    @Test
    void nobodyListensThere() throws IOException {
        String host = server.host();
        server.close();
        assertThatThrownBy(() -> repository(Credentials.ANONYMOUS))
                .hasMessage("Get \"http://" + host + "/v2/\": dial tcp " + host + ": connect: connection refused");
    }

    @Test
    void basicAuthentication() throws IOException {
        server.require(FaultyRegistry.Authentication.BASIC);
        assertThat(repository(ANNA).manifest("1").content()).isEqualTo(MANIFEST);
        Repository nobody = repository(Credentials.ANONYMOUS);
        assertThatThrownBy(() -> nobody.manifest("1")).hasMessageEndingWith("no basic auth credentials");
        Repository wrong = repository(new Credentials("anna", "wrong", null, null, null));
        assertThatThrownBy(() -> wrong.manifest("1")).hasMessage("unauthorized: authentication required");
    }

    @Test
    void tokenAuthenticationAsksForTheScopeOfTheChallenge() throws IOException {
        server.require(FaultyRegistry.Authentication.TOKEN);
        Repository repository = repository(ANNA);
        assertThat(repository.manifest("1").content()).isEqualTo(MANIFEST);
        assertThat(server.tokenScope()).isEqualTo("repository%3Aa%2Fb%3Apull");
        long tokens = server.requests().stream()
                .filter(path -> path.contains("/token"))
                .count();
        repository.manifest("1");
        assertThat(server.requests().stream().filter(path -> path.contains("/token")))
                .hasSize((int) tokens);
        Repository nobody = repository(Credentials.ANONYMOUS);
        assertThatThrownBy(() -> nobody.manifest("1")).isInstanceOf(RegistryFailure.class);
    }

    @Test
    void aMirrorIsAskedFirst() throws IOException {
        Repository repository = repository(Credentials.ANONYMOUS, "http://" + server.host() + "/");
        assertThat(repository.manifest("1").content()).isEqualTo(MANIFEST);
    }

    @Test
    void aBrokenDownloadGoesOnWhereItStopped() throws IOException {
        BlobDigest digest = server.blob("a/b", bytes);
        server.cutAfter(300_000);
        Told told = new Told();
        assertThat(download(digest, bytes.length, told)).isEqualTo(bytes);
        assertThat(told.lines).containsExactly("verifying");
        assertThat(told.last).isEqualTo(bytes.length);
        List<String> ranges = server.requests().stream()
                .filter(request -> request.contains("/blobs/"))
                .map(request -> request.replaceAll("\\S+ \\S+ ?", ""))
                .toList();
        assertThat(ranges).hasSizeGreaterThanOrEqualTo(4).first().isEqualTo("");
        long from = 0;
        for (String range : ranges.subList(1, ranges.size())) {
            long next = Long.parseLong(range.replaceFirst("bytes=(\\d+)-", "$1"));
            // what was on its way when the connection broke may be lost
            assertThat(next).isBetween(from + 1, from + 300_000);
            from = next;
        }
    }

    @Test
    void aRegistryWithoutRangesIsReadAnew() throws IOException {
        BlobDigest digest = server.blob("a/b", bytes);
        server.ignoreRanges();
        server.failNext(1);
        assertThat(download(digest, bytes.length, new Told())).isEqualTo(bytes);
        server.cutAfter(300_000);
        Told told = new Told();
        assertThatThrownBy(() -> download(digest, bytes.length, told)).isInstanceOf(IOException.class);
        assertThat(told.lines).containsExactly("retrying in 1", "retrying in 2", "retrying in 4");
    }

    @Test
    void anOverloadedRegistryIsAskedAgain() throws IOException {
        BlobDigest digest = server.blob("a/b", bytes);
        server.failNext(2);
        Told told = new Told();
        assertThat(download(digest, bytes.length, told)).isEqualTo(bytes);
        assertThat(told.lines).containsExactly("retrying in 1", "verifying");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha384", "sha512"})
    void aBlobMayHaveAnotherDigest(String algorithm) throws Exception {
        MessageDigest computation = MessageDigest.getInstance(algorithm.replace("sha", "SHA-"));
        BlobDigest digest = new BlobDigest(algorithm, HexFormat.of().formatHex(computation.digest(bytes)));
        server.blob("a/b", digest, bytes);
        assertThat(repository(Credentials.ANONYMOUS).blob(digest, bytes.length)).isEqualTo(bytes);
        server.cutAfter(300_000);
        assertThat(download(digest, bytes.length, new Told())).isEqualTo(bytes);
        server.blob("a/b", digest, new byte[bytes.length]);
        assertThatThrownBy(() -> download(digest, bytes.length, new Told()))
                .hasMessage("filesystem layer verification failed for digest " + digest);
    }

    @Test
    void whatIsSomethingElseIsRefused() throws IOException {
        BlobDigest digest = server.blob("a/b", bytes);
        byte[] other = bytes.clone();
        other[500_000]++;
        server.blob("a/b", digest, other);
        assertThatThrownBy(() -> download(digest, bytes.length, new Told()))
                .hasMessage("filesystem layer verification failed for digest " + digest);
        assertThatThrownBy(() -> download(digest, bytes.length - 1, new Told()))
                .hasMessageContaining("has more than the 999999 bytes");
        try (Stream<Path> left = Files.list(directory.resolve("tmp"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void credentialsComeInAHeader() {
        String json = "{\"username\":\"anna\",\"password\":\"se>cr?et\",\"identitytoken\":\"i\"}";
        byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
        Credentials read = Credentials.ofHeader(Base64.getUrlEncoder().encodeToString(utf8));
        assertThat(read).isEqualTo(Credentials.ofHeader(Base64.getEncoder().encodeToString(utf8)));
        assertThat(read.password()).isEqualTo("se>cr?et");
        assertThat(read.identityToken()).isEqualTo("i");
        assertThat(read.toString()).doesNotContain("se>cr?et");
        assertThat(Credentials.ofHeader("nonsense")).isEqualTo(Credentials.ANONYMOUS);
        assertThat(Credentials.ofHeader(Base64.getEncoder().encodeToString("null".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(Credentials.ANONYMOUS);
    }

    @Test
    void challengesAreRead() {
        assertThat(Challenge.parse(List.of("Bearer realm=\"http://x/a,b\",service=r, Basic realm=\"q\\\"\"")))
                .extracting(Challenge::scheme)
                .containsExactly("bearer", "basic");
        assertThat(Challenge.parse(List.of("Bearer realm=\"http://x/a,b\",service=r"))
                        .getFirst()
                        .parameters())
                .containsEntry("realm", "http://x/a,b")
                .containsEntry("service", "r");
        assertThat(Challenge.parse(List.of("", "=,=", "\""))).isEmpty();
    }
}
