package dev.capas.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.e2e.Command;
import dev.capas.layer.index.FileType;
import dev.capas.layer.index.Hidden;
import dev.capas.layer.index.LayerTree;
import dev.capas.layer.index.MergedTree;
import dev.capas.layer.index.Node;
import dev.capas.layer.tar.Tar;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the indexes say of stacks, beside what the kernel shows of them. */
class FileIndexTest extends TreesFixture {
    private static MergedTree merged(Layer... stack) {
        return stores.get(FileIndex.class).merged(diffIds(stack));
    }

    private static List<Digest> diffIds(Layer... stack) {
        return Stream.of(stack).map(Layer::diffId).toList();
    }

    /** Every path with type, mode, owner, target, names and the bytes at or below it. */
    private static Map<String, String> indexed(MergedTree tree) {
        Map<String, String> paths = new TreeMap<>();
        tree.root().visit(node -> {
            if (!node.path().isEmpty()) {
                paths.put(node.path(), described(node));
            }
        });
        return paths;
    }

    private static String described(Node node) {
        String type = switch (node.inode().type()) {
            case REGULAR -> "f";
            case DIRECTORY -> "d";
            case SYMLINK -> "l";
            case CHARACTER_DEVICE -> "c";
            case BLOCK_DEVICE -> "b";
            case FIFO -> "p";
            default -> "?";
        };
        return String.join(
                " ",
                type,
                Integer.toOctalString(node.inode().mode()),
                node.inode().uid() + ":" + node.inode().gid(),
                Long.toString(node.size()),
                node.inode().target());
    }

    /** The same by {@code find} on the mounted stack. */
    private static Map<String, String> found(List<Digest> stack) throws IOException {
        Path target = Files.createTempDirectory("mounted");
        stores.layers().mountReadOnly(stack, target);
        try {
            Path listing = Files.createTempFile("listing", "");
            Command.run(
                    "find",
                    target.toString(),
                    "-mindepth",
                    "1",
                    "-fprintf",
                    listing.toString(),
                    "%P\\t%y\\t%m\\t%U:%G\\t%s\\t%i\\t%l\\0");
            String text = Files.readString(listing, StandardCharsets.ISO_8859_1);
            Files.delete(listing);
            List<String[]> lines = Stream.of(text.split("\0"))
                    .filter(line -> !line.isEmpty())
                    .map(line -> line.split("\t", 7))
                    .toList();
            Map<String, String> paths = new TreeMap<>();
            for (String[] line : lines) {
                long bytes = line[1].equals("d") ? below(line[0], lines) : Long.parseLong(line[4]);
                paths.put(line[0], String.join(" ", line[1], line[2], line[3], Long.toString(bytes), line[6]));
            }
            return paths;
        } finally {
            Command.run("umount", target.toString()).ok();
            Files.delete(target);
        }
    }

    private static long below(String directory, List<String[]> lines) {
        Set<String> inodes = new HashSet<>();
        return lines.stream()
                .filter(line -> line[0].startsWith(directory + "/") && !line[1].equals("d") && inodes.add(line[5]))
                .mapToLong(line -> Long.parseLong(line[4]))
                .sum();
    }

    private static long bytes(MergedTree tree) {
        return tree.root().size()
                + tree.hidden().stream()
                        .mapToLong(hidden -> hidden.inode().size())
                        .sum();
    }

    @Test
    void whatAStackShowsIsWhatItsIndexesSay() throws IOException {
        Layer base = trees.layer("""
                mkdir -p usr/bin etc opt/a opt/b opt/gone; echo one >usr/bin/one; chmod 4755 usr/bin/one; ln usr/bin/one opt/a/link
                ln -s usr/bin bin; ln -s one usr/bin/other; ln -P usr/bin/other opt/b/other; mkfifo opt/fifo; mknod opt/null c 1 3; mknod opt/disk b 7 1
                head -c 5000 /dev/zero >etc/big; echo x >opt/gone/x; echo y >opt/gone/y; printf q >"opt/$(printf 'q\\377 %%25\\n')"
                """);
        Layer above = trees.layer(Tar.of(
                Tar.file("etc/.wh.big", ""),
                Tar.directory("opt/gone/"),
                Tar.file("opt/gone/.wh..wh..opq", ""),
                Tar.file("opt/gone/z", "zzz"),
                Tar.file("bin/through", "a link")));
        Layer owned = trees.layer("mkdir -p opt/a usr/bin; chown 7:8 opt/a usr/bin; echo two! >usr/bin/one");
        MergedTree tree = merged(base, above, owned);
        assertThat(indexed(tree)).isEqualTo(found(diffIds(base, above, owned))).containsKey("usr/bin/one");
        assertThat(tree.hidden())
                .extracting(Hidden::path, hidden -> hidden.inode().layer(), Hidden::by)
                .contains(org.assertj.core.groups.Tuple.tuple(
                        "etc/big", base.diffId().toString(), above.diffId().toString()))
                .noneMatch(hidden -> hidden.toList().contains("usr/bin/one"));
        assertThat(bytes(tree)).isEqualTo(base.size() + above.size() + owned.size());
    }

    @Test
    void aHiddenNameOfAFileWithAnotherHidesNoBytes() throws IOException {
        Layer base = trees.layer("echo twelve bytes >a; mkdir d e; ln a d/b; ln a e/c");
        Layer without = trees.layer(Tar.of(Tar.file(".wh.a", "")));
        MergedTree some = merged(base, without);
        assertThat(some.hidden()).isEmpty();
        assertThat(some.root().size()).isEqualTo(13);
        assertThat(some.find("d").size()).isEqualTo(13);
        assertThat(some.find("/e/").size()).isEqualTo(13);
        assertThat(Stream.of("d/b", "e/c").map(path -> some.find(path).ownSize()))
                .containsExactly(13L, 0L);
        Layer none = trees.layer(Tar.of(Tar.file(".wh.d", ""), Tar.file(".wh.e", "")));
        assertThat(merged(base, without, none).hidden())
                .singleElement()
                .satisfies(hidden -> assertThat(hidden.inode().size()).isEqualTo(13));
    }

    @Test
    void aLayerAloneHasItsWhiteouts() throws IOException {
        Layer layer = trees.layer(Tar.of(
                Tar.file("a/.wh.b", ""), Tar.directory("c/"), Tar.file("c/.wh..wh..opq", ""), Tar.file("c/d", "dd")));
        LayerTree tree = stores.get(FileIndex.class).files(layer.diffId());
        Set<String> whiteouts = new TreeSet<>();
        tree.root().visit(node -> {
            if (node.inode().type() == FileType.WHITEOUT || node.opaque()) {
                whiteouts.add(node.path());
            }
        });
        assertThat(whiteouts).containsExactly("a/b", "c");
    }

    @Test
    void randomStacksAreMergedAsTheKernelMergesThem() throws IOException {
        for (int seed = 0; seed < 25; seed++) {
            Random random = new Random(seed);
            Layer[] stack = new Layer[4];
            for (int i = 0; i < stack.length; i++) {
                stack[i] = trees.layer(randomLayer(random));
            }
            MergedTree tree = merged(stack);
            assertThat(indexed(tree)).as("seed " + seed).isEqualTo(found(diffIds(stack)));
            long distinct = Stream.of(stack).distinct().mapToLong(Layer::size).sum();
            assertThat(bytes(tree)).as("seed " + seed).isEqualTo(distinct);
        }
    }

    private static byte[] randomLayer(Random random) {
        List<Tar> entries = new ArrayList<>();
        Map<String, Boolean> made = new HashMap<>(Map.of("", true));
        List<String> files = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            List<String> directories = made.entrySet().stream()
                    .filter(Map.Entry::getValue)
                    .map(Map.Entry::getKey)
                    .sorted()
                    .collect(Collectors.toList());
            String parent = directories.get(random.nextInt(directories.size()));
            String path = (parent.isEmpty() ? "" : parent + "/") + (char) ('a' + random.nextInt(4));
            if (made.containsKey(path)) {
                continue;
            }
            int kind = random.nextInt(12);
            made.put(path, kind < 5);
            String name = path.substring(path.lastIndexOf('/') + 1);
            String within = path.substring(0, path.length() - name.length());
            if (kind < 5) {
                entries.add(Tar.directory(path));
                if (kind == 0) {
                    entries.add(Tar.file(path + "/.wh..wh..opq", ""));
                }
            } else if (kind < 8) {
                entries.add(Tar.file(path, "x".repeat(random.nextInt(100))));
                files.add(path);
            } else if (kind == 8) {
                entries.add(Tar.symlink(path, "a/b"));
            } else if (kind == 9 && !files.isEmpty()) {
                entries.add(Tar.link(path, files.get(random.nextInt(files.size()))));
            } else {
                entries.add(Tar.file(within + ".wh." + name, ""));
            }
        }
        return Tar.of(entries.toArray(Tar[]::new));
    }
}
