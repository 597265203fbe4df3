package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that live in memory alone. */
public final class MemFd {
    private static final int CLOEXEC = 1;
    private static final int ALLOW_SEALING = 2;
    private static final int EXECUTABLE = 0x10;
    private static final int F_ADD_SEALS = 1033;
    private static final int ALL_SEALS = 0xf;

    private MemFd() {}

    /** Bytes to be read from the start, as the standard input of a program, for example. */
    public static Fd ofContent(byte[] content) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long result = call(arena, SystemCall.MEMFD_CREATE, Native.string(arena, "content"), CLOEXEC);
            Fd fd = Fd.of((int) check(SystemCall.MEMFD_CREATE, "content", result));
            fd.writeAll(content, 0, content.length);
            fd.seek(0);
            return fd;
        }
    }

    /** A sealed copy of a program, which can be executed by {@link Fd#procPath()} and never changed. */
    public static Fd ofProgram(Path program) throws IOException {
        try (Arena arena = Arena.ofConfined();
                InputStream content = Files.newInputStream(program)) {
            long name = Native.string(arena, program.getFileName().toString());
            long result = call(arena, SystemCall.MEMFD_CREATE, name, CLOEXEC | ALLOW_SEALING | EXECUTABLE);
            if (result == -Errno.EINVAL) {
                result = call(arena, SystemCall.MEMFD_CREATE, name, CLOEXEC | ALLOW_SEALING);
            }
            Fd fd = Fd.of((int) check(SystemCall.MEMFD_CREATE, program.toString(), result));
            byte[] bytes = content.readAllBytes();
            fd.writeAll(bytes, 0, bytes.length);
            check(
                    SystemCall.FCNTL,
                    program.toString(),
                    call(arena, SystemCall.FCNTL, fd.number(), F_ADD_SEALS, ALL_SEALS));
            return fd;
        }
    }
}
