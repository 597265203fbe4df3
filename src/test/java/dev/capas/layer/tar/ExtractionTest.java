package dev.capas.layer.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.e2e.Command;
import dev.capas.errdefs.EngineException;
import dev.capas.linux.Directory;
import dev.capas.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExtractionTest {
    private Path root;
    private int layers;

    @BeforeEach
    void make() throws IOException {
        root = Files.createTempDirectory("extraction");
    }

    @AfterEach
    void remove() {
        Command.run("rm", "-rf", root.toString()).ok();
    }

    @Test
    void whatGnuTarWritesComesBackByteForByte() throws Exception {
        Command.run("sh", "-euc", """
                cd "$0"; mkdir tree; cd tree
                mkdir -m 1777 tmp; mkdir -m 2755 setgid; echo hello >setgid/file; chmod 4755 setgid/file; chown 1000:1000 setgid/file
                ln setgid/file hard; ln -s setgid/file soft; ln -s /setgid absolute; mkfifo fifo; mknod null c 1 3; mknod block b 7 9
                truncate -s 10000000 sparse; printf middle | dd of=sparse bs=1 seek=5000000 conv=notrunc 2>/dev/null
                name=$(printf 'long%.0s' $(seq 60)); mkdir -p deep/$name; echo x >deep/$name/$name
                printf 'caf\\351' | xargs -0 touch; touch 'with space' -d 1971-01-01
                setfattr -n user.note -v value setgid/file 2>/dev/null || true
                """, root.toString()).ok();
        for (String format : new String[] {"gnu", "pax", "ustar", "oldgnu"}) {
            for (String extra : new String[] {"", "--sparse"}) {
                if (!extra.isEmpty() && !format.equals("pax")) {
                    continue;
                }
                Path archive = root.resolve(format + extra + ".tar");
                Command.run(
                                "sh",
                                "-c",
                                "tar -C $0/tree --format=" + format + " " + extra
                                        + " --exclude='*long*' --numeric-owner -cf $1 .",
                                root.toString(),
                                archive.toString())
                        .ok();
                Extracted extracted = roundTrip(Files.readAllBytes(archive));
                assertThat(extracted.size()).as(format + extra).isEqualTo(6 + 11 + 7 + 10_000_000);
                Path tree = layer().resolve(Journal.TREE);
                assertThat(Command.run(
                                        "sh",
                                        "-c",
                                        "cd $0; find . ! -name '*long*' ! -name . -printf '%P %y %m %U %G %s %l %T@\\n' | sort | grep -v ' d ' ",
                                        tree.toString())
                                .ok())
                        .isEqualTo(Command.run(
                                        "sh",
                                        "-c",
                                        "cd $0; find . ! -path '*long*' ! -name . -printf '%P %y %m %U %G %s %l %T@\\n' | sort | grep -v ' d '",
                                        root.resolve("tree").toString())
                                .ok()
                                .replaceAll(format.equals("pax") ? "NEVER" : "(\\d{10})\\.\\d{10}", "$1.0000000000"));
            }
        }
    }

    @Test
    void oddArchivesLoadAndComeBack() throws Exception {
        Map<String, byte[]> odd = new LinkedHashMap<>();
        byte[] plain = Tar.of(Tar.file("a", "content"), Tar.directory("d/"), Tar.file("d/b", ""));
        odd.put("no end blocks", Arrays.copyOf(plain, plain.length - 1024));
        odd.put("one end block", Arrays.copyOf(plain, plain.length - 512));
        odd.put("surplus end blocks", Arrays.copyOf(plain, plain.length + 10_240));
        odd.put("three megabytes of zeroes", Arrays.copyOf(plain, plain.length + 3_000_000));
        odd.put("a second archive after the end", concat(plain, plain));
        odd.put("garbage after the end", concat(plain, "garbage".getBytes(StandardCharsets.US_ASCII)));
        byte[] padding = plain.clone();
        padding[512 + 100] = 77;
        odd.put("padding that is not zero", padding);
        odd.put(
                "a PAX global header",
                Tar.of(
                        Tar.entry("pax_global_header", 'g', "18 comment=a commit\n".replace("18", "20"), ""),
                        Tar.file("a", "x")));
        odd.put("PAX path and size", Tar.of(Tar.pax(Map.of("path", "renamed/file"), Tar.file("a", "x"))));
        odd.put(
                "names that clean to others",
                Tar.of(Tar.directory("./"), Tar.file("./x//y/../z", "1"), Tar.file("/absolute", "2")));
        odd.put("implied parents", Tar.of(Tar.file("not/there/before", "1")));
        odd.put("type 0 with a slash", Tar.of(Tar.entry("f/", '0', "file", "")));
        odd.put("old type with a slash", Tar.of(Tar.entry("f/", '\0', "", "")));
        odd.put("a whiteout that is a directory", Tar.of(Tar.directory(".wh.gone/")));
        odd.put("a whiteout with content", Tar.of(Tar.file(".wh.gone", "content")));
        odd.put("an opaque directory", Tar.of(Tar.directory("d/"), Tar.file("d/.wh..wh..opq", "")));
        odd.put(
                "a file through an absolute symlink",
                Tar.of(Tar.directory("real/"), Tar.symlink("link", "/real"), Tar.file("link/file", "through")));
        odd.put(
                "a file over one that came through a symlink",
                Tar.of(
                        Tar.directory("real/"),
                        Tar.symlink("link", "real"),
                        Tar.file("link/f", "one"),
                        Tar.file("real/f", "two")));
        odd.put(
                "a file over another through a symlink",
                Tar.of(
                        Tar.directory("real/"),
                        Tar.symlink("link", "real"),
                        Tar.file("real/f", "one"),
                        Tar.file("link/f", "two")));
        odd.put(
                "a file through a symlink to what is not there",
                Tar.of(Tar.symlink("link", "/not/there"), Tar.file("link/file", "through")));
        odd.put(
                "a file through a symlink to the root",
                Tar.of(
                        Tar.symlink("root", "/"),
                        Tar.symlink("up", "../.."),
                        Tar.file("root/one", "1"),
                        Tar.file("up/two", "22")));
        odd.put(
                "a file through a symlink that climbs out",
                Tar.of(Tar.symlink("up", "../../../../up2"), Tar.symlink("up2", "../dir"), Tar.file("up/file", "in")));
        odd.put("an end within the padding", Arrays.copyOf(Tar.of(Tar.file("a", "content")), 700));
        odd.put("an empty name", Tar.of(Tar.file("", "payload")));
        odd.put("whiteout, then the file", Tar.of(Tar.file(".wh.x", ""), Tar.file("x", "there")));
        odd.put("a hard link with another mode", Tar.of(Tar.file("a", "x"), Tar.link("b", "a")));
        odd.put("a whiteout that is a symlink", Tar.of(Tar.symlink(".wh.gone", "anywhere")));
        odd.put("a name that is not UTF-8", Tar.of(Tar.file("caf\u00e9", "latin")));
        odd.put(
                "a long link of GNU tar",
                Tar.of(Tar.entry("././@LongLink", 'K', "t".repeat(300) + "\0", ""), Tar.symlink("l", "t")));
        odd.put(
                "a long name of GNU tar",
                Tar.of(Tar.entry("././@LongLink", 'L', "n".repeat(200) + "\0", ""), Tar.file("n", "x")));
        odd.put("nanoseconds", Tar.of(Tar.pax(Map.of("mtime", "1700000000.123456789"), Tar.file("a", "x"))));
        odd.put("a header of 1979", header(Tar.header("v7", '0', 0, ""), 257, new byte[8]));
        odd.put(
                "a size in base 256",
                header(Tar.header("big", '0', 0, ""), 124, new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
        odd.put("a directory that says it has content", Tar.of(Tar.raw(Tar.header("d/", '5', 700, ""))));
        odd.put("a link that says it has content", Tar.of(Tar.raw(Tar.header("l", '2', 700, "target"))));
        odd.put(
                "sparse 0.0",
                Tar.of(
                        Tar.raw(
                                sparse(
                                        "22 GNU.sparse.size=10\n26 GNU.sparse.numblocks=1\n23 GNU.sparse.offset=2\n25 GNU.sparse.numbytes=3\n")),
                        Tar.file("s", "abc")));
        odd.put(
                "sparse 0.1",
                Tar.of(
                        Tar.raw(sparse("22 GNU.sparse.size=10\n26 GNU.sparse.numblocks=1\n22 GNU.sparse.map=2,3\n")),
                        Tar.file("s", "abc")));
        odd.put(
                "sparse 1.0",
                Tar.of(Tar.pax(
                        Map.of("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "10"),
                        Tar.file("s", "1\n2\n3\n" + "\0".repeat(506) + "abc"))));
        odd.put("nothing", new byte[1024]);
        odd.put("no bytes", new byte[0]);
        for (Map.Entry<String, byte[]> entry : odd.entrySet()) {
            assertThat(roundTrip(entry.getValue()).tarSize()).as(entry.getKey()).isEqualTo(entry.getValue().length);
        }
    }

    @Test
    void whatDockerdRefusesIsRefused() throws IOException {
        Map<String, byte[]> wrong = new LinkedHashMap<>();
        wrong.put("duplicates of file paths", Tar.of(Tar.file("a", ""), Tar.file("./a", "")));
        wrong.put("duplicates of file paths not", Tar.of(Tar.directory("d/"), Tar.directory("./d")));
        wrong.put("unhandled tar header type 83", Tar.of(Tar.entry("s", 'S', "", "")));
        for (char type : new char[] {'X', 'V', 'D', 'M'}) {
            wrong.put("unhandled tar header type " + (int) type, Tar.of(Tar.entry("x", type, "", "")));
        }
        Tar global = Tar.entry("pax_global_header", 'g', "20 comment=a commit\n", "");
        wrong.put("duplicates of file paths not supported", Tar.of(global, global));
        wrong.put("unexpected EO", Arrays.copyOf(Tar.of(Tar.file("a", "")), 512 + 256));
        wrong.put("unhandled tar header type 55", Tar.of(Tar.entry("s", '7', "", "")));
        wrong.put("invalid entry name \"../out\"", Tar.of(Tar.file("../out", "x")));
        wrong.put("invalid entry name \"a/../../out\"", Tar.of(Tar.file("a/../../out", "x")));
        wrong.put("no such file or directory", Tar.of(Tar.link("b", "a")));
        wrong.put("invalid hardlink target", Tar.of(Tar.link("b", "../../etc/passwd")));
        wrong.put("symbolic links", Tar.of(Tar.symlink("s", "s"), Tar.file("s/f", "x")));
        wrong.put("invalid tar header", Tar.of(Tar.raw(new byte[512]), Tar.file("a", "")));
        wrong.put("archive/tar: invalid tar header", Tar.of(Tar.entry("l", '2', "data", "x")));
        wrong.put("unexpected EOF", Arrays.copyOf(Tar.of(Tar.file("a", "x")), 1024 + 100));
        wrong.put("EOF", Arrays.copyOf(Tar.of(Tar.file("a", "x".repeat(600))), 512 + 100));
        wrong.put("file exists", Tar.of(Tar.file("x", ""), Tar.file(".wh.x", "")));
        wrong.put("mknod", Tar.of(Tar.file(".wh.", "")));
        wrong.put(
                "operation not supported",
                Tar.of(Tar.pax(Map.of("SCHILY.xattr.nonsense.name", "x"), Tar.file("a", ""))));
        wrong.put("file name too long", Tar.of(Tar.pax(Map.of("path", "n".repeat(256)), Tar.file("a", ""))));
        wrong.put("header field too long", Tar.of(Tar.raw(Tar.header("x", 'x', 2 << 20, ""))));
        byte[] sum = Tar.header("a", '0', 0, "");
        sum[0] = 'b';
        wrong.put("tar header", Tar.of(Tar.raw(sum)));
        wrong.put("not permitted", Tar.of(Tar.directory("d/"), Tar.link("e", "d")));
        for (Map.Entry<String, byte[]> entry : wrong.entrySet()) {
            assertThatThrownBy(() -> extract(entry.getValue()))
                    .as(entry.getKey())
                    .isInstanceOfAny(EngineException.class, IOException.class)
                    .hasMessageContaining(entry.getKey());
        }
        assertThat(root.resolve("out")).doesNotExist();
    }

    private static byte[] header(byte[] block, int at, byte[] field) {
        System.arraycopy(field, 0, block, at, field.length);
        return Tar.of(Tar.raw(Tar.checksum(block)));
    }

    private static byte[] sparse(String records) {
        byte[] whole = Tar.of(Tar.entry("PaxHeaders.0/s", 'x', records, ""));
        return Arrays.copyOf(whole, whole.length - 1024);
    }

    @Test
    void timesThatGoHasNotAre1970() throws IOException {
        byte[] negative = new byte[12];
        Arrays.fill(negative, (byte) 0xff);
        byte[] huge = {(byte) 0x80, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0};
        for (byte[] field : new byte[][] {negative, huge}) {
            extract(header(Tar.header("f", '0', 0, ""), 136, field));
            assertThat(Files.getLastModifiedTime(layer().resolve(Journal.TREE).resolve("f"))
                            .toMillis())
                    .isZero();
        }
    }

    @Test
    void theLastNameOfAnInodeGivesItItsMode() throws Exception {
        byte[] link = Tar.header("b", '1', 0, "a");
        System.arraycopy("0000700".getBytes(StandardCharsets.US_ASCII), 0, link, 100, 7);
        extract(Tar.of(Tar.file("a", "x"), Tar.raw(Tar.checksum(link))));
        assertThat(Command.run(
                                "stat",
                                "-c",
                                "%a",
                                layer().resolve(Journal.TREE).resolve("a").toString())
                        .ok())
                .isEqualTo("700\n");
    }

    @Test
    void sparsePiecesLieWhereTheyBelong() throws Exception {
        for (String map :
                new String[] {"23 GNU.sparse.offset=2\n25 GNU.sparse.numbytes=3\n", "22 GNU.sparse.map=2,3\n"}) {
            byte[] tar = Tar.of(
                    Tar.raw(sparse("22 GNU.sparse.size=10\n26 GNU.sparse.numblocks=1\n" + map)), Tar.file("s", "abc"));
            assertThat(extract(tar).size()).isEqualTo(10);
            assertThat(layer().resolve(Journal.TREE).resolve("s")).hasContent("\0\0abc\0\0\0\0\0");
        }
    }

    @Test
    void overlayMarksFromAnArchiveNeverReachTheTree() throws Exception {
        extract(Tar.of(Tar.pax(Map.of("SCHILY.xattr.trusted.overlay.redirect", "/elsewhere"), Tar.directory("d/"))));
        try (Directory tree = Directory.open(layer().resolve(Journal.TREE))) {
            assertThat(tree.listXattrs(Directory.name("d"))).isEmpty();
        }
    }

    @Test
    void marksAreWhatOverlayfsWants() throws Exception {
        extract(Tar.of(
                Tar.file(".wh.gone", ""),
                Tar.directory("d/"),
                Tar.file("d/.wh..wh..opq", ""),
                Tar.file(".wh.back", ""),
                Tar.directory("back/")));
        try (Directory tree = Directory.open(layer().resolve(Journal.TREE))) {
            assertThat(tree.stat(Directory.name("gone")).isWhiteout()).isTrue();
            assertThat(tree.getXattr(Directory.name("d"), Directory.name("trusted.overlay.opaque")))
                    .containsExactly('y');
            assertThat(tree.getXattr(Directory.name("back"), Directory.name("trusted.overlay.opaque")))
                    .containsExactly('y');
        }
    }

    @Test
    void truncationAtAnyByteIsRefusedOrWhole() throws Exception {
        byte[] whole =
                Tar.of(Tar.pax(Map.of("path", "long/name"), Tar.file("a", "some content")), Tar.symlink("s", "a"));
        for (int length = 0; length < whole.length; length += 17) {
            byte[] cut = Arrays.copyOf(whole, length);
            try {
                assertThat(roundTrip(cut).tarSize()).isEqualTo(length);
            } catch (EngineException e) {
                assertThat(e.getMessage()).containsAnyOf("unexpected EOF", "invalid tar header");
            }
        }
    }

    @Test
    void mutatedArchivesNeverDoHarm() throws Exception {
        byte[] whole = Tar.of(
                Tar.pax(
                        Map.of("path", "p/q", "mtime", "1.5", "SCHILY.xattr.user.a", "b"),
                        Tar.file("a", "x".repeat(600))),
                Tar.symlink("s", "etc"),
                Tar.link("h", "p/q"),
                Tar.file(".wh.w", ""),
                Tar.directory("d/"),
                Tar.entry("c", '3', "", ""));
        Random random = new Random(7);
        Path witness = Files.writeString(root.resolve("witness"), "untouched");
        int loaded = 0;
        for (int round = 0; round < 300; round++) {
            byte[] mutated = whole.clone();
            for (int change = random.nextInt(1, 4); change > 0; change--) {
                int block = random.nextInt(mutated.length / 512) * 512;
                mutated[block + random.nextInt(512)] = (byte) random.nextInt(256);
                if (block + 512 <= mutated.length && mutated[block + 257] == 'u') {
                    byte[] header = Arrays.copyOfRange(mutated, block, block + 512);
                    System.arraycopy(Tar.checksum(header), 0, mutated, block, 512);
                }
            }
            try {
                roundTrip(mutated);
                loaded++;
            } catch (EngineException | IOException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
            try (Directory directory = Directory.open(root)) {
                directory.removeTree(Directory.name(layer().getFileName().toString()));
            }
        }
        assertThat(loaded).isBetween(20, 299);
        assertThat(witness).hasContent("untouched");
        assertThat(Files.list(root)).containsExactly(witness);
    }

    @Test
    void aTreeIsWrittenAlwaysTheSame() throws Exception {
        extract(Tar.of(
                Tar.file("b", "1"),
                Tar.file("a", "2"),
                Tar.link("c", "a"),
                Tar.file(".wh.x", ""),
                Tar.directory("d/"),
                Tar.file("d/.wh..wh..opq", ""),
                Tar.pax(Map.of("path", "n".repeat(120) + "/\u00e9"), Tar.file("n", "3"))));
        ByteArrayOutputStream first = new ByteArrayOutputStream();
        try (Directory tree = Directory.open(layer().resolve(Journal.TREE))) {
            TreeArchive.write(tree, first, TreeArchive.Marks.WHITEOUTS);
        }
        extract(first.toByteArray());
        ByteArrayOutputStream second = new ByteArrayOutputStream();
        try (Directory tree = Directory.open(layer().resolve(Journal.TREE))) {
            TreeArchive.write(tree, second, TreeArchive.Marks.WHITEOUTS);
            assertThat(tree.stat(Directory.name("x")).isWhiteout()).isTrue();
            assertThat(tree.stat(Directory.name("c")).links()).isEqualTo(2);
        }
        assertThat(second.toByteArray()).isEqualTo(first.toByteArray());
        Path archive = Files.write(root.resolve("written.tar"), first.toByteArray());
        assertThat(Command.run("tar", "-tf", archive.toString()).ok().lines())
                .hasSize(8)
                .contains(".wh.x", "d/.wh..wh..opq");
    }

    private Extracted roundTrip(byte[] tar) throws IOException {
        Extracted extracted = extract(tar);
        assertThat(extracted.diffId()).isEqualTo(Digest.ofContent(tar));
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        Journal.writeTar(layer(), again);
        assertThat(again.toByteArray()).isEqualTo(tar);
        return extracted;
    }

    private Extracted extract(byte[] tar) throws IOException {
        layers++;
        return Extraction.extract(new ByteArrayInputStream(tar), Files.createDirectory(layer()), true);
    }

    private Path layer() {
        return root.resolve("layer" + layers);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
