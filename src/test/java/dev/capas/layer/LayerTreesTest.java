package dev.capas.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.layer.tar.Tar;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stacks of layers show when they are mounted. */
class LayerTreesTest extends TreesFixture {
    private String shows(String script, Layer... stack) throws IOException {
        return Trees.shell(trees.mounted(stack).mountPoint(), script).strip();
    }

    @Test
    void impliedParentsOverrideWhatLiesBelow() throws IOException {
        Layer base = trees.layer("mkdir -m 1777 tmp; chown 5:6 tmp");
        Layer implied = trees.layer(Tar.of(Tar.file("tmp/new/file", "")));
        assertThat(shows("stat -c '%a %u:%g' tmp", base)).isEqualTo("1777 5:6");
        assertThat(shows("stat -c '%a %u:%g' tmp tmp/new", base, implied)).isEqualTo("755 0:0\n755 0:0");
        assertThat(shows("[ $(($(date +%s) - $(stat -c %Y tmp))) -lt 60 ] && echo now", base, implied))
                .isEqualTo("now");
    }

    @Test
    void theRootIsAlwaysTheSame() throws IOException {
        Layer odd = trees.layer("chmod 700 .; chown 1:1 .; touch -d @1000 .; touch file");
        assertThat(shows("stat -c '%a %u:%g' .", odd)).isEqualTo("755 0:0");
    }

    @Test
    void ownerAttributesModeAndTimesAllHold() throws IOException {
        Layer layer = trees.layer("""
                mkdir d; echo x >d/setuid; chown 1000:1001 d/setuid; chmod 6755 d/setuid; touch -d @1234567 d/setuid
                chmod 500 d; touch -d @7654321 d
                """);
        assertThat(shows("stat -c '%a %u:%g %Y' d/setuid d", layer))
                .isEqualTo("6755 1000:1001 1234567\n500 0:0 7654321");
    }

    @Test
    void aWhiteoutHides() throws IOException {
        Layer base = trees.layer("mkdir d; touch d/a d/b; touch c");
        Layer whiteouts = trees.layer(Tar.of(Tar.file("d/.wh.a", ""), Tar.file(".wh.c", "")));
        assertThat(shows("find d c 2>/dev/null || true", base, whiteouts).lines())
                .containsExactlyInAnyOrder("d", "d/b");
        Layer device = trees.layer("mknod c c 0 0");
        assertThat(shows("[ -e c ] || echo gone", base, device)).isEqualTo("gone");
    }

    /** An OCI layer that has both means: the old directory is gone, this is a new one (OCI image specification, "Whiteouts"). */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWhiteoutAndADirectoryOfOneNameAreANewDirectory(boolean whiteoutFirst) throws IOException {
        Layer base = trees.layer("mkdir d; touch d/old");
        Tar whiteout = Tar.file(".wh.d", "");
        Tar directory = Tar.directory("d/");
        Layer layer = trees.layer(
                whiteoutFirst
                        ? Tar.of(whiteout, directory, Tar.file("d/new", ""))
                        : Tar.of(directory, Tar.file("d/new", ""), whiteout));
        assertThat(shows("ls d", base, layer)).isEqualTo("new");
    }

    @Test
    void anOpaqueDirectoryHidesAllThatLiesBelow() throws IOException {
        Layer base = trees.layer("mkdir d; touch d/old");
        Layer opaque = trees.layer(Tar.of(Tar.directory("d/"), Tar.file("d/new", ""), Tar.file("d/.wh..wh..opq", "")));
        assertThat(shows("ls d", base, opaque)).isEqualTo("new");
    }

    @Test
    void aWhiteoutOfNothingIsKept() throws IOException {
        Layer ghost = trees.layer(Tar.of(Tar.directory("d/"), Tar.file("d/.wh.nothing", ""), Tar.file("d/a", "")));
        assertThat(shows("[ -e d/nothing ] || echo gone; cat d/a; ls -d d/a", ghost))
                .isEqualTo("gone\nd/a");
        assertThat(trees.tarOf(ghost))
                .isEqualTo(Tar.of(Tar.directory("d/"), Tar.file("d/.wh.nothing", ""), Tar.file("d/a", "")));
    }

    /** On dockerd such an archive shows again what was deleted. */
    @Test
    void anArchiveCannotRedirect() throws IOException {
        Layer base = trees.layer("mkdir secret; touch secret/file");
        Layer deleted = trees.layer(Tar.of(Tar.file(".wh.secret", "")));
        Layer redirecting = trees.layer(
                Tar.of(Tar.pax(Map.of("SCHILY.xattr.trusted.overlay.redirect", "/secret"), Tar.directory("door/"))));
        assertThat(shows("ls door", base, deleted, redirecting)).isEmpty();
        assertThat(shows("ls door", base, redirecting)).isEmpty();
    }

    @Test
    void aHundredAndTwentyFiveLayersAreMounted() throws IOException {
        Layer[] stack = new Layer[125];
        for (int number = 0; number < stack.length; number++) {
            stack[number] = trees.layer(Tar.of(
                    Tar.file("number" + number, ""),
                    Tar.file("top", Integer.toString(number)),
                    Tar.directory("d/"),
                    Tar.file("d/" + number, "")));
        }
        assertThat(shows("cat top; ls d | wc -l; ls -d number* | wc -l", stack)).isEqualTo("124125\n125");
    }

    @Test
    void aStoppedContainerIsMountedAgainOnLayersThatWereExtractedAnew() throws IOException {
        byte[] tar = Trees.tar("mkdir d; echo 1 >d/one; echo 2 >d/two; ln d/two d/three");
        Layer base = trees.layer(tar);
        ReadWriteLayer container = trees.after("echo more >>d/one; chmod 600 d/two; mv d/three d/four", base);
        Path tree = stores.home()
                .dataRoot()
                .resolve("layers/sha256")
                .resolve(base.diffId().hex())
                .resolve("diff");
        Path copy = tree.resolveSibling("copy");
        Trees.shell(tree, "cp -a . ../copy");
        Trees.shell(tree, "rm -r ../diff; mv ../copy ../diff");
        assertThat(copy).doesNotExist();
        container.mount();
        assertThat(Trees.shell(container.mountPoint(), "cat d/one; ls d; stat -c %a d/two"))
                .isEqualTo("1\nmore\nfour\none\ntwo\n600\n");
        container.unmount();
    }

    @Test
    void manyContainersStandOnOneStack() throws IOException {
        Layer base = trees.layer("echo below >file");
        List<ReadWriteLayer> containers = List.of(trees.mounted(base), trees.mounted(base), trees.mounted(base));
        for (int number = 0; number < containers.size(); number++) {
            Trees.shell(containers.get(number).mountPoint(), "echo " + number + " >file");
        }
        for (int number = 0; number < containers.size(); number++) {
            assertThat(containers.get(number).mountPoint().resolve("file")).hasContent(Integer.toString(number));
        }
        assertThat(shows("cat file", base)).isEqualTo("below");
        assertThat(stores.names("init")).hasSizeGreaterThan(0);
        assertThat(containers.get(0).lowers().getFirst())
                .isEqualTo(containers.get(1).lowers().getFirst());
    }

    @Test
    void theInitLayerIsWhatDockersIs() throws IOException {
        Layer base = trees.layer("""
                ln -s /elsewhere dev; echo file >proc; mkdir -m 1700 sys; chown 3:4 sys
                mkdir -m 700 etc; echo old >etc/hosts; ln -s ../old etc/resolv.conf; echo x >etc/mtab
                """);
        ReadWriteLayer container = trees.mounted(base);
        assertThat(Trees.shell(
                        container.mountPoint(),
                        "stat -c '%n %F %a %u:%g %s' dev dev/pts dev/shm dev/console proc sys etc etc/hosts etc/hostname etc/resolv.conf .dockerenv"
                                + " | sed -E '/directory/s/ [0-9]+$//'; readlink etc/mtab"))
                .isEqualTo("""
                        dev directory 755 0:0
                        dev/pts directory 755 0:0
                        dev/shm directory 755 0:0
                        dev/console regular empty file 755 0:0 0
                        proc directory 755 0:0
                        sys directory 1700 3:4
                        etc directory 700 0:0
                        etc/hosts regular empty file 755 0:0 0
                        etc/hostname regular empty file 755 0:0 0
                        etc/resolv.conf regular empty file 755 0:0 0
                        .dockerenv regular empty file 755 0:0 0
                        /proc/mounts
                        """);
        container.unmount();
        assertThat(container.size()).isZero();
        assertThat(container.changes()).isEmpty();
        assertThat(Trees.shell(
                        container.lowers().getFirst(),
                        "getfattr -Rhd -m 'overlay.(origin|impure|uuid)' . 2>&1 || true"))
                .doesNotContain("origin", "impure", "uuid");
    }

    @Test
    void depthIsBoundedByTheKernelAndLeavesNothing() throws Exception {
        String deep = "d/".repeat(1900);
        Layer layer = trees.layer(Tar.of(Tar.pax(Map.of("path", deep + "file"), Tar.file("x", "deep"))));
        assertThat(layer.size()).isEqualTo(4);
        assertThat(trees.tarOf(layer)).contains("deep".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        String tooDeep = "d/".repeat(2100);
        assertThatThrownBy(() -> trees.layer(Tar.of(Tar.pax(Map.of("path", tooDeep + "file"), Tar.file("x", "")))))
                .hasMessageContaining("too long");
        assertThat(stores.layers().collect(List.of(layer.diffId()))).isEmpty();
        trees.close();
        assertThat(stores.layers().find(layer.diffId())).isEmpty();
        assertThat(stores.faults()).isEmpty();
        trees = new Trees(stores);
        assertThat(stores.layers().find(Digest.ofContent(new byte[0]))).isEmpty();
    }

    @Test
    void namesAreBytes() throws IOException {
        byte[] tar = Tar.of(Tar.file("caf\u00e9", "latin"), Tar.file("\u0001\u007f\n ", "odd"));
        Layer layer = trees.layer(tar);
        assertThat(trees.tarOf(layer)).isEqualTo(tar);
        assertThat(shows("for f in caf*; do printf %s \"$f\" | od -An -tx1; done", layer))
                .isEqualTo("63 61 66 e9");
    }
}
