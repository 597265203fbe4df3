package dev.capas.runtime;

import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import dev.capas.linux.PidFd;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * An exec that runs.
 *
 * @param identity by which its number is known to be still its own
 */
record ExecProcess(ProcessIdentity identity, CompletableFuture<Integer> exit) implements ExecTask {
    @Override
    public int pid() {
        return identity.pid();
    }

    @Override
    public void kill(int signal) throws IOException {
        try (PidFd process = PidFd.open(pid())) {
            if (ConmonRuntime.isAlive(identity)) {
                process.signal(signal);
            }
        } catch (LinuxException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
    }
}
