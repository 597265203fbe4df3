package dev.capas.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SpawnTest {
    @Test
    void givesDescriptorsEnvironmentAndDirectory() throws Exception {
        Fd[] pipe = Fd.pipe();
        List<String> command =
                List.of("/bin/sh", "-c", "echo $A $(pwd) $(ls /proc/self/fd | wc -l) >&5; read x; exit 7");
        int pid = new Spawn(command, Map.of("A", "é", "PATH", "/usr/bin:/bin"), Path.of("/tmp"), Map.of(5, pipe[1]))
                .start();
        pipe[1].close();
        try (Fd out = pipe[0]) {
            // 0, 1, 2, 5 and the one that ls itself opens to list them
            assertThat(new String(out.input().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("é /tmp 5\n");
        }
        assertThat(Processes.await(pid)).isEqualTo(7);
    }

    @Test
    void tellsOfAProgramThatIsNotThere() {
        assertThatThrownBy(() -> new Spawn(List.of("/nowhere/program"), Map.of(), null, Map.of()).start())
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
    }

    @Test
    void aPidFdTellsTheEndAndTakesSignals() throws Exception {
        int pid = new Spawn(List.of("/bin/sleep", "100"), Map.of(), null, Map.of()).start();
        assertThat(Processes.startTime(pid)).isPresent();
        CountDownLatch ended = new CountDownLatch(1);
        try (Poller poller = new Poller("test");
                PidFd process = PidFd.open(pid)) {
            poller.watch(process.fd(), () -> {
                poller.remove(process.fd());
                ended.countDown();
            });
            assertThat(Processes.poll(pid)).isEmpty();
            process.signal(Signals.SIGTERM);
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(Processes.await(pid)).isEqualTo(128 + Signals.SIGTERM);
            assertThatThrownBy(() -> process.signal(Signals.SIGTERM))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ESRCH));
        }
        assertThat(Processes.startTime(pid)).isEmpty();
    }

    @Test
    void runsAProgramFromMemory() throws Exception {
        try (Fd program = MemFd.ofProgram(Path.of("/bin/true"))) {
            int pid = new Spawn(List.of(program.procPath().toString()), Map.of(), null, Map.of()).start();
            assertThat(Processes.await(pid)).isZero();
            assertThatThrownBy(() -> program.writeAll(new byte[1], 0, 1))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
        }
    }

    @Test
    void signalsHaveNamesAndNumbers() {
        assertThat(Signals.number("TERM")).hasValue(15);
        assertThat(Signals.number("sigkill")).hasValue(9);
        assertThat(Signals.number("28")).hasValue(28);
        assertThat(Signals.number("RTMIN+3")).hasValue(37);
        assertThat(Signals.number("SIGRTMAX-1")).hasValue(63);
        for (String wrong : List.of("", "0", "65", "NOPE", "RTMIN+31", "SIG", "99999999999", "-1", "RT", "RTMIN+x")) {
            assertThat(Signals.number(wrong)).as(wrong).isEmpty();
        }
        assertThat(Signals.name(15)).isEqualTo("SIGTERM");
    }

    @Test
    void aSocketCarriesPackets() throws Exception {
        Path directory = java.nio.file.Files.createTempDirectory("socket");
        try (Fd listener = UnixSocket.listen(directory, "s", UnixSocket.SEQPACKET);
                Fd client = UnixSocket.connect(directory, "s", UnixSocket.SEQPACKET);
                Fd server = UnixSocket.accept(listener)) {
            assertThat(UnixSocket.send(client, new byte[] {1, 2, 3}, 0, 3)).isEqualTo(3);
            assertThat(UnixSocket.send(client, new byte[] {4}, 0, 1)).isEqualTo(1);
            byte[] buffer = new byte[10];
            assertThat(server.read(buffer, 0, 10)).isEqualTo(3);
            assertThat(server.read(buffer, 0, 10)).isEqualTo(1);
            UnixSocket.shutdownWrite(client);
            assertThat(server.read(buffer, 0, 10)).isEqualTo(-1);
        } finally {
            java.nio.file.Files.delete(directory.resolve("s"));
            java.nio.file.Files.delete(directory);
        }
    }
}
