package dev.capas.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.e2e.Command;
import dev.capas.linux.Fd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrunStateTest {
    private static final String STATUS = """
            {"pid": 1, "cgroup-path": "/capas-test-that-is-not-there", "systemd-cgroup": %s}""";

    @TempDir
    private Path root;

    private Path directory;
    private CrunState state;

    @BeforeEach
    void make() throws IOException {
        directory = Files.createDirectory(root.resolve("id"));
        state = new CrunState(directory);
    }

    @Test
    void letsGoWhoWaitsAtTheFifo() throws IOException {
        Path fifo = withFifo();
        try (Fd init = Fd.open(fifo, Fd.O_RDONLY | Fd.O_NONBLOCK, 0)) {
            assertThat(state.start()).isTrue();
            assertThat(init.read(new byte[9], 0, 9)).isEqualTo(1);
        }
        assertThat(fifo).doesNotExist();
    }

    @Test
    void startsNothingWhereNobodyWaits() throws IOException {
        Path fifo = withFifo();
        assertThat(state.start()).isFalse();
        assertThat(fifo).exists();
        Files.delete(fifo);
        assertThat(state.start()).isFalse();
    }

    @Test
    void removesWhatCrunKept() throws IOException {
        Files.writeString(directory.resolve("status"), STATUS.formatted(false));
        Files.createFile(directory.resolve("config.json"));
        assertThat(state.delete()).isTrue();
        assertThat(directory).doesNotExist();
    }

    @Test
    void leavesToCrunWhatItDoesNotKnow() throws IOException {
        Path status = directory.resolve("status");
        for (String unknown : new String[] {"", "{", "{}", "[]", STATUS.formatted(true), "{\"cgroup-path\": \"/x\"}"}) {
            Files.writeString(status, unknown);
            assertThat(state.delete()).as(unknown).isFalse();
            assertThat(status).exists();
        }
    }

    @Test
    void leavesOtherRuntimesAlone() throws IOException {
        Path fifo = withFifo();
        Files.delete(directory.resolve("status"));
        Files.writeString(directory.resolve("state.json"), "{}");
        try (Fd init = Fd.open(fifo, Fd.O_RDONLY | Fd.O_NONBLOCK, 0)) {
            assertThat(state.start()).isFalse();
        }
        assertThat(fifo).exists();
        assertThat(state.delete()).isFalse();
        assertThat(directory).exists();
        assertThat(new CrunState(root.resolve("nothing")).delete()).isFalse();
    }

    private Path withFifo() throws IOException {
        Files.writeString(directory.resolve("status"), STATUS.formatted(false));
        Path fifo = directory.resolve("exec.fifo");
        Command.run("mkfifo", fifo.toString()).ok();
        return fifo;
    }
}
