package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.lang.foreign.Arena;

/** A process held by a descriptor, which becomes readable when the process ends and never means another process. */
public final class PidFd implements AutoCloseable {
    private final Fd fd;

    private PidFd(Fd fd) {
        this.fd = fd;
    }

    /** Holds the process that has the number now; ESRCH where there is none. */
    public static PidFd open(int pid) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long result = call(arena, SystemCall.PIDFD_OPEN, pid, 0);
            return new PidFd(Fd.of((int) check(SystemCall.PIDFD_OPEN, "process " + pid, result)));
        }
    }

    /** To be polled for reading. */
    public Fd fd() {
        return fd;
    }

    /** Sends a signal; ESRCH where it has ended. */
    public void signal(int signal) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(
                    SystemCall.PIDFD_SEND_SIGNAL,
                    fd.toString(),
                    call(arena, SystemCall.PIDFD_SEND_SIGNAL, fd.number(), signal, 0, 0));
        }
    }

    /** A descriptor of its own for what the process has open under this number, close-on-exec; EBADF where that is nothing. */
    public Fd descriptor(int number) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long result = call(arena, SystemCall.PIDFD_GETFD, fd.number(), number, 0);
            return Fd.of((int) check(SystemCall.PIDFD_GETFD, fd.toString(), result));
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
