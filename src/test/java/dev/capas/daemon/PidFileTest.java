package dev.capas.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file with the daemon's process number, and what another daemon left in it. */
class PidFileTest {
    @TempDir
    private Path directory;

    private void replaces(String content) throws IOException {
        Path file = directory.resolve("pid");
        Files.writeString(file, content);
        try (PidFile pid = PidFile.write(file)) {
            assertThat(pid.path())
                    .hasContent(Long.toString(ProcessHandle.current().pid()));
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void isMadeWithItsDirectoryAndGoesAtTheEnd() throws IOException {
        Path file = directory.resolve("run/capas/pid");
        try (PidFile pid = PidFile.write(file)) {
            assertThat(pid.path())
                    .hasContent(Long.toString(ProcessHandle.current().pid()));
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void replacesTheOneOfADeadProcess() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        replaces(Long.toString(dead.pid()));
        replaces("nonsense");
        replaces("");
    }

    @Test
    void respectsTheOneOfALiveProcess() throws Exception {
        Path file = directory.resolve("pid");
        Process live = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(file, live.pid() + "\n");
            assertThatThrownBy(() -> PidFile.write(file))
                    .hasMessage("ensure that the engine is not running or delete " + file + ": process with PID "
                            + live.pid() + " is still running");
            assertThat(file).hasContent(live.pid() + "\n");
            // the number was a daemon's before a reboot, and is now somebody else's
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
            try (PidFile pid = PidFile.write(file)) {
                assertThat(pid.path())
                        .hasContent(Long.toString(ProcessHandle.current().pid()));
            }
        } finally {
            live.destroyForcibly().waitFor();
        }
    }
}
