package dev.capas.runtime;

import dev.capas.errdefs.EngineException;
import dev.capas.linux.Fd;
import dev.capas.linux.MemFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The OCI runtimes of this machine by name, each executed from a sealed copy in memory (crun copies itself at every start otherwise). */
final class OciRuntimes {
    private static final List<Path> DIRECTORIES = List.of(
            Path.of("/usr/local/sbin"),
            Path.of("/usr/local/bin"),
            Path.of("/usr/sbin"),
            Path.of("/usr/bin"),
            Path.of("/sbin"),
            Path.of("/bin"));

    private final RuntimeSettings settings;
    private final Map<Path, Fd> copies = new ConcurrentHashMap<>();

    OciRuntimes(RuntimeSettings settings) {
        this.settings = settings;
    }

    /** Whether there is a program for the name. */
    boolean knows(String name) {
        return find(name).isPresent() || RuntimeSettings.KNOWN.contains(name);
    }

    /**
     * The program for a name; null means the default. Docker's own name {@code runc}, which clients send back from an inspect, falls
     * back to the default where no runc is installed.
     */
    Path program(@Nullable String name) {
        String wanted = name == null || name.isEmpty() ? settings.defaultRuntime() : name;
        return find(wanted)
                .or(() -> RuntimeSettings.KNOWN.contains(wanted)
                        ? RuntimeSettings.KNOWN.stream()
                                .flatMap(known -> find(known).stream())
                                .findFirst()
                        : Optional.empty())
                .orElseThrow(() -> EngineException.invalidParameter("unknown or invalid runtime name: " + wanted));
    }

    /** What to execute for a program: the path of a sealed copy in memory, where it is one that would copy itself. */
    String executable(Path program) throws IOException {
        if (!Files.isExecutable(program)) {
            throw new IOException("fork/exec " + program + ": no such file or directory");
        }
        if (!program.getFileName().toString().equals("crun")) {
            return program.toString();
        }
        Fd copy = copies.get(program);
        if (copy == null) {
            Fd made = MemFd.ofProgram(program);
            copy = copies.putIfAbsent(program, made);
            if (copy == null) {
                copy = made;
            } else {
                made.close();
            }
        }
        return copy.procPath().toString();
    }

    /** A program on the usual path. */
    static Optional<Path> find(List<Path> directories, String name) {
        return directories.stream()
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Optional<Path> conmon() {
        return find(DIRECTORIES, "conmon");
    }

    private Optional<Path> find(String name) {
        Path added = settings.runtimes().get(name);
        if (added != null) {
            return added.isAbsolute() ? Optional.of(added) : find(DIRECTORIES, added.toString());
        }
        return RuntimeSettings.KNOWN.contains(name) ? find(DIRECTORIES, name) : Optional.empty();
    }
}
