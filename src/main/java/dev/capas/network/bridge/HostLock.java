package dev.capas.network.bridge;

import dev.capas.linux.Fd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the other engines of this host from choosing links and subnets until it is closed, so that no two choose the same. It lies on the
 * network namespace itself: whoever shares the links shares it, whatever else of the machine they see, and it ends with its process.
 */
public final class HostLock implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HostLock.class.getName());
    private static final Path NAMESPACE = Path.of("/proc/self/ns/net");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Fd namespace;

    private HostLock(Fd namespace) {
        this.namespace = namespace;
    }

    /** Waits for its turn; not for ever, since any process of the host could hold it. */
    public static HostLock take() throws IOException {
        HostLock lock = new HostLock(Fd.open(NAMESPACE, Fd.O_RDONLY, 0));
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!lock.namespace.tryLock()) {
            if (System.nanoTime() > end) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "another engine has been choosing its networks for long: it is not waited for");
                break;
            }
            Waiting.aMoment();
        }
        return lock;
    }

    @Override
    public void close() {
        namespace.close();
    }
}
