package dev.capas.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.errdefs.EngineException;
import dev.capas.home.EngineHome;
import dev.capas.layer.tar.Tar;
import dev.capas.oci.ImageConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives of images as odd as they come: what is wrong is refused as the client's fault, and nothing is left of it. */
class ImageArchiveTest {
    private static final String MANIFEST = "[{\"Config\":\"c.json\",\"RepoTags\":[\"x:1\"],\"Layers\":[\"l\"]}]";

    /** Does something with an archive in a home of its own, and checks that no file is left. */
    private interface Use {
        void of(ImageArchive archive) throws IOException;
    }

    private static void use(byte[] bytes, Use use) throws IOException {
        Path root = Files.createTempDirectory("archive");
        try {
            try (ImageArchive archive =
                    ImageArchive.read(new ByteArrayInputStream(bytes), new EngineHome(root, root))) {
                use.of(archive);
            } finally {
                Files.deleteIfExists(root.resolve("tmp"));
            }
        } finally {
            Files.delete(root);
        }
    }

    private static byte[] archive(String manifest) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TarWriter tar = new TarWriter(bytes);
        tar.file("c.json", "{\"rootfs\":{}}".getBytes(StandardCharsets.UTF_8), Instant.EPOCH);
        tar.file("l", new byte[1500], Instant.EPOCH);
        tar.file("manifest.json", manifest.getBytes(StandardCharsets.UTF_8), Instant.EPOCH);
        tar.finish();
        return bytes.toByteArray();
    }

    private static byte[] links(String name, String target) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry file = new TarArchiveEntry("a/layer.tar");
            file.setSize(3);
            tar.putArchiveEntry(file);
            tar.write("abc".getBytes(StandardCharsets.US_ASCII));
            tar.closeArchiveEntry();
            TarArchiveEntry link = new TarArchiveEntry(name, TarArchiveEntry.LF_SYMLINK);
            link.setLinkName(target);
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    @Test
    void aLayerMayBeALinkToAnother() throws IOException {
        use(links("b/layer.tar", "../a/layer.tar"), archive -> {
            assertThat(archive.size("b/layer.tar")).isEqualTo(3);
            assertThat(archive.open("./b//layer.tar").readAllBytes()).asString().isEqualTo("abc");
        });
    }

    /** Otherwise a few kilobytes that swell would fill the memory. */
    @ParameterizedTest
    @ValueSource(chars = {'L', 'x'})
    void aHeaderWithoutEndIsRefusedBeforeItIsRead(char type) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(Tar.header("././@LongLink", type, 4L << 20, ""));
            byte[] names = new byte[1 << 20];
            Arrays.fill(names, (byte) 'n');
            for (int megabyte = 0; megabyte < 4; megabyte++) {
                out.write(names);
            }
        }
        assertThatThrownBy(() -> use(packed.toByteArray(), archive -> {}))
                .isInstanceOf(EngineException.class)
                .hasMessage("archive/tar: header field too long");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../../../../etc/passwd", "layer.tar", "../b"})
    void aLinkThatLeadsOutOrInCirclesLeadsNowhere(String target) throws IOException {
        use(
                links("b/layer.tar", target),
                archive -> assertThatThrownBy(() -> archive.open("b/layer.tar"))
                        .isInstanceOf(EngineException.class)
                        .hasMessage("open b/layer.tar: no such file or directory"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"null", "{}", "[null]", "", "[", "[{\"Layers\":7}]", "[{\"Config\":{}}]", "7", "[[[[[[[[[["})
    void aMalformedManifestIsRefused(String manifest) throws IOException {
        use(
                archive(manifest),
                archive -> assertThatThrownBy(archive::manifest)
                        .isInstanceOfSatisfying(
                                EngineException.class,
                                e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_PARAMETER)));
    }

    @Property
    void aDamagedArchiveIsReadOrRefused(
            @ForAll @Size(max = 4) List<@IntRange(max = 5_631) Integer> places,
            @ForAll byte value,
            @ForAll @IntRange(max = 5_632) int length)
            throws IOException {
        byte[] whole = archive(MANIFEST);
        byte[] damaged = java.util.Arrays.copyOf(whole, Math.min(length + whole.length / 2, whole.length));
        places.stream().filter(place -> place < damaged.length).forEach(place -> damaged[place] = value);
        try {
            use(damaged, archive -> {
                for (ImageArchive.ManifestItem item : archive.manifest()) {
                    archive.bytes(String.valueOf(item.config()), 1000);
                    assertThat(item.toString()).isNotEmpty();
                }
            });
        } catch (EngineException e) {
            assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_PARAMETER);
        } catch (IOException e) {
            assertThat(e).hasMessageNotContaining("No space");
        }
    }

    @Property
    void anyConfigurationIsReadOrRefused(
            @ForAll @Size(max = 3) List<@IntRange(max = 200) Integer> places, @ForAll byte value) {
        byte[] json =
                ("{\"created\":\"2026-01-01T00:00:00Z\",\"architecture\":\"amd64\",\"config\":{\"Cmd\":[\"a\"],\"Labels\":{\"a\":\"b\"},"
                                + "\"ExposedPorts\":{\"80/tcp\":{}}},\"history\":[{\"created_by\":\"x\"}],\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:"
                                + "a".repeat(64) + "\"]}}")
                        .getBytes(StandardCharsets.UTF_8);
        places.forEach(place -> json[place] = value);
        try {
            ImageConfig config = ImageStore.parse(json);
            assertThat(config.diffIds()).hasSizeLessThanOrEqualTo(1);
            assertThat(config.platform().toString()).isNotEmpty();
        } catch (EngineException e) {
            assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_PARAMETER);
        }
    }
}
