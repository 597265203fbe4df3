package dev.capas.layer.tar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.e2e.Command;
import dev.capas.errdefs.EngineException;
import dev.capas.linux.Directory;
import dev.capas.linux.TreeUsage;
import dev.capas.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** Archives that nobody in his right mind would write. {@code -Djqwik.tries.default=100000} is for a longer run by hand. */
class HostileTarTest {
    private static final byte[] ORDINARY = Tar.of(
            Tar.pax(Map.of("path", "p/q", "mtime", "1.5", "SCHILY.xattr.user.a", "b"), Tar.file("a", "x".repeat(600))),
            Tar.pax(
                    Map.of("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "9"),
                    Tar.file("sparse", "1\n2\n3\n" + "\0".repeat(506) + "abc")),
            Tar.entry("././@LongLink", 'L', "long/name\0", ""),
            Tar.file("short", "1"),
            Tar.symlink("s", "etc"),
            Tar.link("h", "p/q"),
            Tar.file(".wh.w", ""),
            Tar.directory("d/"),
            Tar.entry("c", '3', "", ""));

    private static Path root;
    private static Path witness;

    /** A byte to be changed: first to choose a block, second to choose a place in it. */
    record Change(int block, int place, byte value) {}

    @BeforeContainer
    static void make() throws IOException {
        root = Files.createTempDirectory("hostile");
        witness = Files.writeString(root.resolve("witness"), "untouched");
    }

    @AfterContainer
    static void remove() {
        Command.run("rm", "-rf", root.toString()).ok();
    }

    @Provide
    Arbitrary<Change> changes() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, ORDINARY.length / 512 - 1),
                        Arbitraries.integers().between(0, 511),
                        Arbitraries.bytes())
                .as(Change::new);
    }

    /** An archive in which bytes were changed; the checksums of headers are made right again. */
    private static byte[] changed(List<Change> changes) {
        byte[] archive = ORDINARY.clone();
        for (Change change : changes) {
            int block = change.block() * 512;
            archive[block + change.place()] = change.value();
            if (archive[block + 257] == 'u' || archive[block + 257] == 's') {
                byte[] header = Arrays.copyOfRange(archive, block, block + 512);
                System.arraycopy(Tar.checksum(header), 0, archive, block, 512);
            }
        }
        return archive;
    }

    @Provide
    Arbitrary<Tar> entries() {
        Arbitrary<String> component =
                Arbitraries.of("a", "b", "c", "..", ".", "", ".wh.a", ".wh.b", ".wh..wh..opq", ".wh.", "x".repeat(90));
        Arbitrary<String> name = component
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(parts -> String.join("/", parts))
                .map(path -> path.substring(0, Math.min(path.length(), 100)));
        Arbitrary<Character> type = Arbitraries.of('0', '0', '1', '2', '2', '3', '4', '5', '5', '6', 'g', '7', '\0');
        Arbitrary<String> content = Arbitraries.of("", "", "1", "some content", "x".repeat(700));
        Arbitrary<String> target =
                Arbitraries.oneOf(name, name.map(path -> "/" + path), name.map(path -> "../" + path));
        return Combinators.combine(
                        name, type, content, target, Arbitraries.integers().between(0, 9))
                .as((path, kind, payload, link, pax) -> {
                    Tar entry = Tar.entry(path, kind, kind == '0' || kind == '7' ? payload : "", link);
                    return pax == 0
                            ? Tar.pax(Map.of("SCHILY.xattr.trusted.overlay.opaque", "y", "linkpath", link), entry)
                            : entry;
                });
    }

    @Property
    void bytesAreReadOrRefused(@ForAll @Size(max = 1500) byte[] bytes, @ForAll @IntRange(max = 5) int header)
            throws IOException {
        byte[] archive = bytes.clone();
        if (archive.length >= 512 && header > 0) {
            byte[] block = Arrays.copyOf(archive, 512);
            System.arraycopy("ustar\00000".getBytes(StandardCharsets.ISO_8859_1), 0, block, 257, 8);
            System.arraycopy(Tar.checksum(block), 0, archive, 0, 512);
        }
        read(archive);
    }

    @Property
    void changedArchivesAreReadOrRefused(@ForAll @Size(max = 6) List<@net.jqwik.api.From("changes") Change> changes)
            throws IOException {
        read(changed(changes));
    }

    private static void read(byte[] archive) throws IOException {
        TarReader reader = new TarReader(new ByteArrayInputStream(archive));
        try {
            for (TarHeader entry = reader.next(); entry != null; entry = reader.next()) {
                assertThat(entry.payload()).isNotNegative();
                assertThat(entry.mtimeNanos()).isBetween(0, 999_999_999);
                byte[] buffer = new byte[512];
                while (reader.read(buffer, 0, buffer.length) >= 0) {
                    continue;
                }
                reader.padding();
            }
        } catch (EngineException e) {
            assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_PARAMETER);
        }
    }

    @Property
    void recordsAreReadOrRefused(
            @ForAll @Size(max = 4) List<@IntRange(max = 40) Integer> lengths, @ForAll @Size(max = 30) byte[] tail) {
        StringBuilder text = new StringBuilder();
        for (int length : lengths) {
            text.append(length % 7 == 0 ? Long.MAX_VALUE - length : length).append(" path=x\n");
        }
        text.append(new String(tail, StandardCharsets.ISO_8859_1));
        try {
            PaxRecords records = PaxRecords.parse(text.toString().getBytes(StandardCharsets.ISO_8859_1));
            assertThat(records.xattrs()).isEmpty();
        } catch (EngineException e) {
            assertThat(e).hasMessage("archive/tar: invalid tar header");
        }
    }

    @Property(tries = 400)
    void changedArchivesComeBackOrLeaveNothingOutside(
            @ForAll @Size(max = 4) List<@net.jqwik.api.From("changes") Change> changes) throws Exception {
        extract(changed(changes));
    }

    @Property(tries = 400)
    void strangeArchivesComeBackOrLeaveNothingOutside(
            @ForAll @Size(max = 8) List<@net.jqwik.api.From("entries") Tar> entries) throws Exception {
        extract(Tar.of(entries.toArray(Tar[]::new)));
    }

    @Property(tries = 400)
    void strangeArchivesAreCopiedInOrLeaveNothingOutside(
            @ForAll @Size(max = 8) List<@net.jqwik.api.From("entries") Tar> entries, @ForAll boolean keepKinds)
            throws Exception {
        Path into = Files.createDirectory(root.resolve("into"));
        try {
            Files.createSymbolicLink(into.resolve("c"), Path.of("../witness"));
            Files.createDirectory(into.resolve("b"));
            CopyIn.extract(
                    new ByteArrayInputStream(Tar.of(entries.toArray(Tar[]::new))),
                    Directory.open(into),
                    "/into",
                    keepKinds,
                    null);
        } catch (EngineException | IOException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
        nothingOutside("into");
    }

    private static void extract(byte[] archive) throws Exception {
        Path layer = Files.createDirectory(root.resolve("layer"));
        try {
            Extracted extracted = Extraction.extract(new ByteArrayInputStream(archive), layer, true);
            assertThat(extracted.diffId()).isEqualTo(Digest.ofContent(archive));
            assertThat(extracted.size())
                    .isEqualTo(TreeUsage.of(layer.resolve(Journal.TREE)).apparent());
            ByteArrayOutputStream again = new ByteArrayOutputStream();
            Journal.writeTar(layer, again);
            assertThat(again.toByteArray()).isEqualTo(archive);
            List<@Nullable IndexEntry> index = new ArrayList<>();
            Journal.index(layer, index::add);
            assertThat(index).hasSize((int) extracted.files());
        } catch (EngineException | IOException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
        nothingOutside("layer");
    }

    private static void nothingOutside(String made) throws IOException {
        try (Directory directory = Directory.open(root)) {
            directory.removeTree(Directory.name(made));
        }
        assertThat(witness).hasContent("untouched");
        try (Stream<Path> left = Files.list(root)) {
            assertThat(left).containsExactly(witness);
        }
    }
}
