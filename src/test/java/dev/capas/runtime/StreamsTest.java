package dev.capas.runtime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.home.EngineHome;
import dev.capas.linux.Fd;
import dev.capas.linux.Poller;
import dev.capas.runtime.StreamHub.Bell;
import dev.capas.runtime.StreamHub.Chunk;
import dev.capas.runtime.StreamHub.Subscription;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A hub at a pipe: the test is the process. */
@Timeout(30)
class StreamsTest {
    @TempDir
    Path root;

    private final CountDownLatch ended = new CountDownLatch(1);
    private Poller poller;
    private Streams hub;
    private Fd process;

    @BeforeEach
    void connect() throws Exception {
        poller = new Poller("streams");
        hub = new Streams(poller, new EngineHome(root.resolve("data"), root.resolve("exec")), true);
        Fd[] pipe = Fd.pipe();
        process = pipe[1];
        hub.connect(null, pipe[0], null, ended::countDown);
    }

    @AfterEach
    void close() {
        process.close();
        hub.close();
        poller.close();
    }

    @Test
    void aBellRingsOnceForAllThatCameAndEndsWithTheProcess() throws Exception {
        try (Bell bell = hub.bell();
                Subscription output = hub.subscribe(true, true)) {
            write("one");
            assertThat(output.next().bytes()).isEqualTo("one".getBytes(US_ASCII));
            assertThat(bell.await()).isTrue();
            CompletableFuture<Boolean> next = CompletableFuture.supplyAsync(() -> ring(bell));
            Thread.sleep(100);
            assertThat(next).isNotDone();
            write("two");
            assertThat(next.get(5, TimeUnit.SECONDS)).isTrue();
            process.close();
            assertThat(bell.await()).isFalse();
            assertThat(ended.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static boolean ring(Bell bell) {
        try {
            return bell.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whoHasLeftASilentProcessIsForgottenAtOnce() {
        WeakReference<Subscription> subscription = new WeakReference<>(hub.subscribe(true, true));
        WeakReference<Bell> bell = new WeakReference<>(hub.bell());
        WeakReference<Subscription> stays = new WeakReference<>(hub.subscribe(true, true));
        subscription.get().close();
        bell.get().close();
        System.gc();
        assertThat(subscription.get()).isNull();
        assertThat(bell.get()).isNull();
        assertThat(stays.get()).isNotNull();
    }

    @Test
    void whatAListenerDoesNotReadLiesInAFileWithoutANameUnderTheDataRoot() throws Exception {
        Subscription asleep = hub.subscribe(true, true);
        byte[] megabytes = new byte[3 << 20];
        for (int i = 0; i < megabytes.length; i++) {
            megabytes[i] = (byte) (i / 1000);
        }
        process.writeAll(megabytes, 0, megabytes.length);
        process.close();
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(spills()).isEqualTo(1);
        java.io.ByteArrayOutputStream read = new java.io.ByteArrayOutputStream();
        for (Chunk chunk = asleep.next(); chunk != null; chunk = asleep.next()) {
            read.writeBytes(chunk.bytes());
        }
        assertThat(read.toByteArray()).isEqualTo(megabytes);
        assertThat(asleep.cut()).isFalse();
        assertThat(spills()).isZero();
    }

    private long spills() throws Exception {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(fd -> {
                        try {
                            String target = Files.readSymbolicLink(fd).toString();
                            return target.startsWith(root.resolve("data").toString()) && target.endsWith(" (deleted)");
                        } catch (java.io.IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    private void write(String text) throws Exception {
        byte[] bytes = text.getBytes(US_ASCII);
        process.writeAll(bytes, 0, bytes.length);
    }
}
