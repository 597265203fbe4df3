package dev.capas.linux;

import static dev.capas.linux.Directory.name;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryTest {
    @TempDir
    Path temporary;

    private Directory directory;

    @BeforeEach
    void open() throws Exception {
        directory = Directory.open(temporary);
    }

    @AfterEach
    void close() {
        directory.close();
    }

    @Test
    void namesAreBytes() throws Exception {
        byte[] odd = {'a', (byte) 0xff, (byte) 0xe9, '\n'};
        directory.openFile(odd, Fd.O_CREAT | Fd.O_WRONLY, 0640).close();
        assertThat(directory.list())
                .singleElement()
                .satisfies(entry -> assertThat(entry.name()).isEqualTo(odd));
        assertThat(directory.stat(odd).mode()).isEqualTo(Stat.REGULAR | 0640);
        directory.unlink(odd);
        assertThat(directory.list()).isEmpty();
    }

    @Test
    void nothingLeadsOut() throws Exception {
        Files.createDirectories(temporary.resolve("in/etc"));
        Files.writeString(temporary.resolve("in/etc/passwd"), "inner");
        Files.writeString(temporary.resolve("secret"), "outer");
        try (Directory in = directory.openDirectory(name("in"))) {
            in.symlink(name("/etc"), name("absolute"));
            in.symlink(name("../.."), name("climbs"));
            try (Fd fd = in.openFile(name("absolute/passwd"), Fd.O_RDONLY, 0)) {
                assertThat(new String(fd.input().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("inner");
            }
            try (Fd fd = in.openFile(name("climbs/../etc/passwd"), Fd.O_RDONLY, 0)) {
                assertThat(new String(fd.input().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("inner");
            }
            assertThatThrownBy(() -> in.openFile(name("../secret"), Fd.O_RDONLY, 0))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
                    .hasMessageContaining("no such file or directory");
            assertThat(in.stat(name("..")).inode()).isEqualTo(in.stat().inode());
            assertThat(in.stat(name("climbs/secret/..")).inode())
                    .isEqualTo(in.stat().inode());
        } catch (LinuxException e) {
            assertThat(e.errno()).isEqualTo(Errno.ENOENT);
        }
    }

    @Test
    void keepsOwnersModesTimesAndLinks() throws Exception {
        directory.openFile(name("file"), Fd.O_CREAT | Fd.O_WRONLY, 0600).close();
        directory.chown(name("file"), 12345, 54321);
        directory.chmod(name("file"), 04755);
        directory.utimens(name("file"), 1, 2, -5, 999_999_999);
        directory.mkdir(name("below"), 0755);
        directory.link(name("file"), directory, name("below/hard"));
        assertThat(directory.stat(name("below/hard"))).satisfies(stat -> {
            assertThat(stat.uid()).isEqualTo(12345);
            assertThat(stat.gid()).isEqualTo(54321);
            assertThat(stat.permissions()).isEqualTo(04755);
            assertThat(stat.mtime()).isEqualTo(-5);
            assertThat(stat.mtimeNanos()).isEqualTo(999_999_999);
            assertThat(stat.links()).isEqualTo(2);
        });
        directory.symlink(name("nowhere"), name("soft"));
        directory.chown(name("soft"), 7, 8);
        assertThat(directory.stat(name("soft")).uid()).isEqualTo(7);
        assertThat(directory.readlink(name("soft"))).isEqualTo(name("nowhere"));
        directory.rename(name("soft"), directory, name("below/renamed"), Directory.NO_REPLACE);
        assertThat(directory.stat(name("below/renamed")).isSymlink()).isTrue();
        directory.removeTree(name("below"));
        directory.removeTree(name("not there"));
        assertThat(directory.list())
                .extracting(entry -> new String(entry.name(), StandardCharsets.UTF_8))
                .containsExactly("file");
    }

    @Test
    void keepsDevicesAndAttributes() throws Exception {
        directory.mknod(name("whiteout"), Stat.CHARACTER_DEVICE, 0, 0);
        assertThat(directory.stat(name("whiteout")).isWhiteout()).isTrue();
        directory.mknod(name("null"), Stat.CHARACTER_DEVICE | 0666, 1, 3);
        assertThat(directory.stat(name("null"))).satisfies(stat -> {
            assertThat(stat.rdevMajor()).isEqualTo(1);
            assertThat(stat.rdevMinor()).isEqualTo(3);
            assertThat(stat.isWhiteout()).isFalse();
        });
        directory.mkdir(name("opaque"), 0755);
        directory.setXattr(name("opaque"), name("trusted.overlay.opaque"), name("y"));
        assertThat(directory.getXattr(name("opaque"), name("trusted.overlay.opaque")))
                .isEqualTo(name("y"));
        assertThat(directory.listXattrs(name("opaque")))
                .anyMatch(attribute ->
                        List.of(new String(attribute, StandardCharsets.UTF_8)).contains("trusted.overlay.opaque"));
        directory.removeXattr(name("opaque"), name("trusted.overlay.opaque"));
        assertThatThrownBy(() -> directory.getXattr(name("opaque"), name("trusted.overlay.opaque")))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODATA));
    }

    @Test
    void mountsAnOverlayOf125Layers() throws Exception {
        List<Path> lowers = new java.util.ArrayList<>();
        for (int i = 0; i < 125; i++) {
            Path lower = Files.createDirectories(
                    temporary.resolve("a-long-name-so-that-one-page-of-options-does-not-hold-them-all-" + i));
            Files.writeString(lower.resolve("top"), Integer.toString(i));
            Files.writeString(lower.resolve("only-" + i), "");
            lowers.add(lower);
        }
        for (String plain : List.of("upper", "work", "merged")) {
            Files.createDirectory(temporary.resolve(plain));
        }
        Path merged = temporary.resolve("merged");
        Mounts.overlay(
                lowers,
                temporary.resolve("upper"),
                temporary.resolve("work"),
                merged,
                List.of("redirect_dir=nofollow", "metacopy=off", "index=off"));
        try {
            assertThat(merged.resolve("top")).hasContent("0");
            assertThat(merged.resolve("only-124")).exists();
            Files.writeString(merged.resolve("top"), "changed");
            assertThat(temporary.resolve("upper/top")).hasContent("changed");
        } finally {
            Mounts.unmount(merged, 0);
        }
        assertThat(merged).isEmptyDirectory();
    }
}
