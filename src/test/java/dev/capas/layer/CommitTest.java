package dev.capas.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.linux.Directory;
import dev.capas.linux.Stat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a container changed, and the layer that a commit makes of it, as dockerd 28.5.2 was seen to answer to the same commands. */
class CommitTest extends TreesFixture {
    private static final String BASE = """
            mkdir -p etc dir/sub; printf content >file; printf x >dir/a; printf yy >dir/c; printf zzz >dir/sub/deep
            printf hard >l1; ln l1 l2; ln -s file sym; find . -exec touch -hd '2024-01-01 00:00:00' {} +
            """;

    /** Without what the init layer has, which is made anew for each stack. */
    private static final String LIST =
            "find . ! -name socket ! -path './dev*' ! -path './etc*' ! -name .dockerenv ! -name proc ! -name sys ! -name . -printf '%P %y %m %U %G %l %Ts ' '(' -type d -printf '\\n' -o -printf '%n %s\\n' ')' | sort";

    /** A file capability as setcap(8) writes it: cap_net_raw, permitted and effective. */
    private static final byte[] CAP_NET_RAW = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    /** The second column is the diff, the third the entries of the committed layer, the fourth the size of both layers. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true | '' | '' | 0",
                "chmod 644 file | '' | file | 7",
                ": >>file | '' | file | 7",
                "chmod 600 file | C /file | file | 7",
                "touch file | C /file | file | 7",
                "touch dir | '' | dir/ | 0",
                "chmod 755 dir | '' | dir/ | 0",
                "chmod 700 dir | C /dir | dir/ | 0",
                "chown 5:6 file dir | C /dir, C /file | dir/ file | 7",
                "rm -r dir | D /dir | .wh.dir | 0",
                "rm -r dir; mkdir dir; echo n >dir/new | C /dir, D /dir/a, D /dir/c, A /dir/new, D /dir/sub | dir/ dir/.wh..wh..opq dir/new | 2",
                "rm -r dir; mkdir dir; echo x >dir/a | C /dir, C /dir/a, D /dir/c, D /dir/sub | dir/ dir/.wh..wh..opq dir/a | 2",
                "rm -r dir; echo f >dir | C /dir | dir | 2",
                "rm file; mkdir file; echo x >file/x | C /file, A /file/x | file/ file/.wh..wh..opq file/x | 2",
                "rm file; echo again >file | C /file | file | 6",
                "echo 12345 >h; ln h h2; mkdir n; ln h n/h3 | A /h, A /h2, A /n, A /n/h3 | h h2 n/ n/h3 | 6",
                "ln file link | A /link | file link | 7",
                "chmod 600 l1 | C /l1 | l1 | 4",
                "rm l1 | D /l1 | .wh.l1 | 0",
                "ln -s /b/file s; ln -s nowhere s2; ln s s3 | A /s, A /s2, A /s3 | s s2 s3 | 14",
                "chown -h 1:1 sym | C /sym | sym | 4",
                "rm file sym l1 dir/a | C /dir, D /dir/a, D /file, D /l1, D /sym | dir/ dir/.wh.a .wh.file .wh.l1 .wh.sym | 0",
                "mv file moved | D /file, A /moved | .wh.file moved | 7",
                "mv dir moved | D /dir, A /moved, A /moved/a, A /moved/c, A /moved/sub, A /moved/sub/deep"
                        + " | .wh.dir moved/ moved/a moved/c moved/sub/ moved/sub/deep | 6",
                "echo a >x; rm x | '' | '' | 0",
                "mkfifo p; mknod c c 1 3; mknod bd b 7 9 | A /bd, A /c, A /p | bd c p | 0",
                "chmod 4755 file; mkdir -m 1777 t | C /file, A /t | file t/ | 7",
                "rm .dockerenv | D /.dockerenv | .wh..dockerenv | 0",
                "touch etc/new | C /etc, A /etc/new | etc/ etc/new | 0",
                "touch 'a b' -- -x a-b a.b ab; mkdir a; touch a/z"
                        + " | A /-x, A /a, A /a b, A /a-b, A /a.b, A /a/z, A /ab | -x a/ a/z a b a-b a.b ab | 0",
                "cat file >t; cat t >file; rm t | C /file | file | 7",
                "rm dir/sub/deep | C /dir, C /dir/sub, D /dir/sub/deep | dir/ dir/sub/ dir/sub/.wh.deep | 0",
                "touch -d '2001-02-03 04:05:06' new file | C /file, A /new | file new | 7",
                "touch .wh.odd | A /.wh.odd | .wh.odd | 0",
            })
    void isWhatDockerdMakesOfIt(String script, String diff, String entries, long size) throws IOException {
        ReadWriteLayer container = trees.after(script, trees.layer(BASE));
        assertThat(container.changes().stream().map(CommitTest::line).collect(Collectors.joining(", ")))
                .isEqualTo(diff);
        Layer layer = container.commit(trees.lease());
        assertThat(names(layer)).isEqualTo(entries);
        assertThat(layer.size()).isEqualTo(size).isEqualTo(container.size());
        assertThat(container.commit(trees.lease()).diffId()).isEqualTo(layer.diffId());
    }

    private static String line(Change change) {
        return switch (change.kind()) {
                    case MODIFIED -> "C ";
                    case ADDED -> "A ";
                    case DELETED -> "D ";
                }
                + change.path();
    }

    private String names(Layer layer) throws IOException {
        List<String> names = new ArrayList<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(trees.tarOf(layer)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return String.join(" ", names);
    }

    @Test
    void aContainerOnTheNewLayerSeesWhatTheOldOneSaw() throws IOException {
        Layer base = trees.layer(BASE);
        ReadWriteLayer container = trees.mounted(base);
        Trees.shell(container.mountPoint(), """
                rm file l1; rm -r dir; mkdir dir; echo n >dir/new; chmod 2750 dir; chown 5:6 dir dir/new
                echo 12345 >h; ln h h2; ln -s h s; ln s s2; mkfifo p; mknod c c 1 3; ln c c2; chmod 4711 h
                chown -h 7:8 sym; mv l2 moved; mkdir -p n1/n2; chmod 000 n1; truncate -s 1000000 sparse; echo x >>etc/new
                name=$(printf 'n%.0s' $(seq 200)); mkdir $name; echo deep >$name/$name; touch "$(printf 'caf\351')"
                """);
        try (Directory root = Directory.open(container.mountPoint())) {
            root.setXattr(Directory.name("h"), Directory.name("security.capability"), CAP_NET_RAW);
            root.setXattr(Directory.name("h"), Directory.name("user.note"), new byte[] {1});
            root.mknod(Directory.name("socket"), Stat.SOCKET | 0600, 0, 0);
        }
        container.unmount();
        assertThat(container.changes().stream().map(CommitTest::line)).contains("A /socket");
        Layer layer = container.commit(trees.lease());
        ReadWriteLayer other = trees.mounted(base, layer);
        container.mount();
        assertThat(Trees.shell(other.mountPoint(), LIST)).isEqualTo(Trees.shell(container.mountPoint(), LIST));
        assertThat(other.mountPoint().resolve("socket")).doesNotExist();
        try (Directory root = Directory.open(other.mountPoint())) {
            assertThat(root.getXattr(Directory.name("h"), Directory.name("security.capability")))
                    .isEqualTo(CAP_NET_RAW);
            assertThat(root.listXattrs(Directory.name("h"))).hasSize(1);
        }
    }

    @Test
    void anAttributeAloneIsACopyUpAndACapabilityIsAChange() throws IOException {
        ReadWriteLayer container = trees.mounted(trees.layer(BASE));
        try (Directory root = Directory.open(container.mountPoint())) {
            root.setXattr(Directory.name("file"), Directory.name("user.note"), new byte[] {1});
            root.setXattr(Directory.name("l1"), Directory.name("security.capability"), CAP_NET_RAW);
        }
        container.unmount();
        assertThat(container.size()).isEqualTo(7 + 4);
        assertThat(container.changes().stream().map(CommitTest::line)).containsExactly("C /l1");
    }

    @Test
    void whatIsCommittedTwiceOverStaysWhatItIs() throws IOException {
        Layer base = trees.layer(BASE);
        Layer first = trees.after("rm -r dir; mkdir dir; echo 1 >dir/one; rm l1", base)
                .commit(trees.lease());
        ReadWriteLayer second = trees.after("rm -r dir; mkdir -p dir/sub; touch l1", base, first);
        Layer last = second.commit(trees.lease());
        assertThat(names(last)).isEqualTo("dir/ dir/.wh..wh..opq dir/sub/ l1");
        ReadWriteLayer top = trees.mounted(base, first, last);
        assertThat(Trees.shell(top.mountPoint(), "find dir l1")).isEqualTo("dir\ndir/sub\nl1\n");
    }
}
