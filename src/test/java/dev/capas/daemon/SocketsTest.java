package dev.capas.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which names of sockets a daemon may take. */
class SocketsTest {
    @TempDir
    private Path directory;

    private DaemonSettings settings(String... flags) throws IOException {
        Path own = directory.resolve("capas.sock");
        Path wellKnown = directory.resolve("docker.sock");
        Path nowhere = directory.resolve("none");
        List<String> all = new ArrayList<>(Arrays.asList(flags));
        return DaemonCommand.parse(all).settings(new Place(own, wellKnown, nowhere, nowhere, nowhere));
    }

    private static ServerSocketChannel listen(Path socket) throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
    }

    @Test
    void listensAtTheWellKnownNameToo() throws IOException {
        assertThat(settings().listen())
                .containsExactly(
                        new ListenAddress.Unix(directory.resolve("capas.sock")),
                        new ListenAddress.Unix(directory.resolve("docker.sock")));
    }

    @Test
    void leavesTheWellKnownNameAloneWhereItIsNotWanted() throws IOException {
        assertThat(settings("--no-docker-socket").listen()).hasSize(1);
        assertThat(settings("-H", "unix:///x.sock").listen())
                .containsExactly(new ListenAddress.Unix(Path.of("/x.sock")));
    }

    @Test
    void leavesTheWellKnownNameToAnEngineThatHasIt() throws IOException {
        Path socket = directory.resolve("docker.sock");
        try (ServerSocketChannel docker = listen(socket)) {
            assertThat(docker.isOpen()).isTrue();
            assertThat(settings().listen()).hasSize(1);
        }
        assertThat(socket).exists();
        assertThat(settings().listen()).hasSize(2);
    }

    @Test
    void replacesWhatADeadEngineLeft() throws IOException {
        Path socket = directory.resolve("capas.sock");
        listen(socket).close();
        assertThat(socket).exists();
        Sockets.prepare(settings("--no-docker-socket"));
        assertThat(socket).doesNotExist();
    }

    @Test
    void refusesTheSocketOfALiveEngine() throws IOException {
        Path socket = directory.resolve("capas.sock");
        try (ServerSocketChannel other = listen(socket)) {
            assertThat(other.isOpen()).isTrue();
            assertThatThrownBy(() -> Sockets.prepare(settings("--no-docker-socket")))
                    .hasMessage("can't create unix socket " + socket + ": it is in use");
            assertThat(socket).exists();
        }
    }

    @Test
    void neverRemovesAFile() throws IOException {
        Path file = Files.createFile(directory.resolve("capas.sock"));
        assertThatThrownBy(() -> Sockets.prepare(settings("--no-docker-socket")))
                .hasMessage("can't create unix socket " + file + ": it is in use");
        assertThat(file).exists();
        Path folder = Files.createDirectory(directory.resolve("folder"));
        assertThatThrownBy(() -> settings("-H", "unix://" + folder)).hasMessageEndingWith(": is a directory");
    }
}
