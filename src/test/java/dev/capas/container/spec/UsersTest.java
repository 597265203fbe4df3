package dev.capas.container.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.runtime.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTest {
    @TempDir
    Path root;

    @BeforeEach
    void etc() throws IOException {
        Files.createDirectories(root.resolve("etc"));
    }

    private void passwd(String text) throws IOException {
        Files.writeString(root.resolve("etc/passwd"), text, StandardCharsets.ISO_8859_1);
    }

    private void group(String text) throws IOException {
        Files.writeString(root.resolve("etc/group"), text);
    }

    private Spec.User find(String user, String... groups) throws IOException {
        return new Users(root).find(user, List.of(groups));
    }

    @Test
    void takesTheGroupsThatListTheUser() throws IOException {
        passwd("root:x:0:0::/root:/bin/sh\nann:x:1000:100::/:/bin/sh\n");
        group("users:x:100:\nwheel:x:10:root,ann\naudio:x:29:ann\nother:x:30:anna\n");
        assertThat(find("ann")).isEqualTo(new Spec.User(1000, 100, List.of(100L, 10L, 29L)));
        assertThat(find("1000")).isEqualTo(new Spec.User(1000, 100, List.of(100L, 10L, 29L)));
        assertThat(find("ann:other")).isEqualTo(new Spec.User(1000, 30, List.of(30L)));
        assertThat(find("", "audio", "5")).isEqualTo(new Spec.User(0, 0, List.of(0L, 10L, 29L, 5L)));
    }

    @Test
    void takesANumberThatIsNotListed() throws IOException {
        assertThat(find("1234")).isEqualTo(new Spec.User(1234, 0, List.of(0L)));
        assertThat(find("1234:77")).isEqualTo(new Spec.User(1234, 77, List.of(77L)));
        assertThat(find("")).isEqualTo(new Spec.User(0, 0, List.of(0L)));
    }

    @Test
    void refusesNamesInDockersWords() throws IOException {
        passwd("root:x:0:0::/root:/bin/sh\n");
        assertThatThrownBy(() -> find("nope"))
                .hasMessage("unable to find user nope: no matching entries in passwd file");
        assertThatThrownBy(() -> find("root:nope"))
                .hasMessage("unable to find group nope: no matching entries in group file");
        assertThatThrownBy(() -> find("2147483648")).hasMessage("uids and gids must be in range 0-2147483647");
    }

    @Test
    void readsBrokenLinesAsFarAsTheyGo() throws IOException {
        passwd("\n:::\nhalf\nbad:x:notanumber:3\nok:x:5:6\n");
        assertThat(find("ok")).isEqualTo(new Spec.User(5, 6, List.of(6L)));
        assertThat(find("bad")).isEqualTo(new Spec.User(0, 3, List.of(3L)));
    }

    @Test
    void comparesNamesAsBytes() throws IOException {
        passwd("caf\u00c3\u00a9:x:7:8\n\u00ff\u00fe:x:9:9\n");
        assertThat(find("caf\u00e9").uid()).isEqualTo(7);
    }

    @Test
    void neverReadsOutsideTheRoot(@TempDir Path outside) throws IOException {
        Path secret = Files.writeString(outside.resolve("passwd"), "ann:x:1:1\n");
        Files.createSymbolicLink(root.resolve("etc/passwd"), secret);
        assertThatThrownBy(() -> find("ann")).hasMessageContaining("no matching entries");
    }

    @Test
    void followsLinksInsideTheRoot() throws IOException {
        Files.createDirectories(root.resolve("usr"));
        Files.writeString(root.resolve("usr/passwd"), "ann:x:1:2\n");
        Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("/usr/passwd"));
        assertThat(find("ann").uid()).isEqualTo(1);
    }

    @Test
    void takesADirectoryOrAFifoForNothing() throws Exception {
        Files.createDirectories(root.resolve("etc/passwd"));
        assertThat(new ProcessBuilder("mkfifo", root.resolve("etc/group").toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(find("5:6")).isEqualTo(new Spec.User(5, 6, List.of(6L)));
    }
}
