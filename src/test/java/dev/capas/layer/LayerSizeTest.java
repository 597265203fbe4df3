package dev.capas.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.layer.tar.Tar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What trees weigh, as dockerd 28.5.2 with overlay2 was seen to count. */
class LayerSizeTest extends TreesFixture {
    private static final String BASE = """
            head -c 100000 /dev/zero >file; head -c 5000 /dev/zero >hard; ln hard link
            mkdir directory; head -c 300 /dev/zero >directory/a; head -c 200 /dev/zero >directory/b
            ln -s abc symlink; mkdir etc
            """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "printf 0123456789 >a; ln a b; ln a c | 10",
                "truncate -s 10000000 sparse | 10000000",
                "ln -s /a/b/c/d link | 8",
                "ln -s 01234567890 link; ln link again | 11",
                "mknod c c 1 3; mknod b b 7 9; mkfifo f; touch .wh.gone; mkdir d; touch d/.wh..wh..opq | 0",
                "mkdir d; cd d; touch $(seq 3000) | 0",
            })
    void ofALayer(String script, long bytes) throws IOException {
        assertThat(trees.layer(script).size()).isEqualTo(bytes);
    }

    @Test
    void ofNothing() throws IOException {
        assertThat(trees.layer(new byte[1024]).size()).isZero();
        assertThat(trees.layer(new byte[0]).size()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "chmod 600 file | 100000",
                "chmod 644 file | 100000",
                "touch file | 100000",
                ": >>file | 100000",
                "chmod 600 hard | 5000",
                "mv file moved | 100000",
                "mv directory moved | 500",
                "chmod 700 directory | 0",
                "touch directory | 0",
                "rm file | 0",
                "rm -r directory | 0",
                "rm -r directory; mkdir directory | 0",
                "chown -h 1:1 symlink | 3",
                "echo 00000000000000000 >file.txt | 18",
                "truncate -s 10000000 sparse | 10000000",
                "printf 0123456789 >a; ln a b; mkdir d; ln a d/c | 10",
                "ln hard third | 5000",
                "mknod c c 1 3; mkfifo f | 0",
                "echo more >>file | 100005",
                "printf x >etc/hosts; printf y >.dockerenv | 2",
            })
    void ofAReadWriteLayer(String script, long bytes) throws IOException {
        ReadWriteLayer container = trees.after(script, trees.layer(BASE));
        assertThat(container.size()).isEqualTo(bytes);
    }

    @Test
    void aHardLinkBreaksWhenOneNameIsCopiedUp() throws IOException {
        ReadWriteLayer container = trees.mounted(trees.layer(BASE));
        assertThat(Trees.shell(container.mountPoint(), "chmod 600 hard; stat -c %a hard link"))
                .isEqualTo("600\n644\n");
    }

    @Test
    void aMountedLayerIsMeasuredEachTimeAndAStoppedOneIsKnown() throws IOException {
        ReadWriteLayer container = trees.mounted(trees.layer(BASE));
        assertThat(container.size()).isZero();
        Trees.shell(container.mountPoint(), "printf 123 >new");
        assertThat(container.size()).isEqualTo(3);
        container.unmount();
        assertThat(container.size()).isEqualTo(3);
        Files.writeString(container.upper().resolve("behind"), "its back");
        assertThat(container.size()).as("known, not walked").isEqualTo(3);
        container.mount();
        container.unmount();
        assertThat(container.size()).isEqualTo(11);
    }

    @Test
    void aLayerMayStandInAStackSeveralTimes() throws IOException {
        Layer three = trees.layer(Tar.of(Tar.file("three", "123")));
        Layer other = trees.layer(Tar.of(Tar.file("three", "other")));
        ReadWriteLayer container = trees.mounted(three, three, other, three);
        Path file = container.mountPoint().resolve("three");
        assertThat(file).hasContent("123");
        assertThat(trees.mounted(three, other).mountPoint().resolve("three")).hasContent("other");
    }
}
