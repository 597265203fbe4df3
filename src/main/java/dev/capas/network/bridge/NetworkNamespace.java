package dev.capas.network.bridge;

import dev.capas.linux.Fd;
import dev.capas.linux.Namespaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** A network namespace, which is there for as long as this is open or anything else is in it. */
record NetworkNamespace(Fd fd) implements AutoCloseable {
    /** What is done on a thread of its own. */
    interface Work<T> {
        T now() throws IOException;
    }

    /** A new one, with loopback up. */
    static NetworkNamespace create() throws IOException {
        return new NetworkNamespace(onThreadOfItsOwn(Namespaces::newNetwork));
    }

    /** That of a process. */
    static NetworkNamespace of(int pid) throws IOException {
        return new NetworkNamespace(Fd.open(Path.of("/proc/" + pid + "/ns/net"), Fd.O_RDONLY, 0));
    }

    /** A name for other processes. */
    Path path() {
        return fd.procPath();
    }

    /** Does something inside. Sockets that are made stay inside for ever; so do programs. */
    <T> T call(Work<T> work) throws IOException {
        return onThreadOfItsOwn(() -> {
            enter();
            return work.now();
        });
    }

    /** Has the calling thread, a platform thread that is good for nothing else, be inside from now on. */
    void enter() throws IOException {
        Namespaces.enter(fd, Namespaces.CLONE_NEWNET);
    }

    /** A thread that was inside is not good for anything else, and ends. */
    private static <T> T onThreadOfItsOwn(Work<T> work) throws IOException {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("namespace").start(() -> {
            try {
                done.complete(work.now());
            } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return Waiting.on(done);
    }

    @Override
    public void close() {
        fd.close();
    }
}
