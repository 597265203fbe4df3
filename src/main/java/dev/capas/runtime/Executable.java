package dev.capas.runtime;

import static dev.capas.linux.Directory.name;

import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The program of an exec, looked for in the container beforehand: once the OCI runtime has joined the container, what it says of a
 * missing program goes to the client's error output, and its exit code could be the program's own.
 */
final class Executable {
    private static final String PREFIX = "OCI runtime exec failed: exec failed: unable to start container process: ";
    private static final int NOT_FOUND = 127;
    private static final int NOT_EXECUTABLE = 126;
    private static final int ANYONE = 0111;

    private Executable() {}

    /** Fails in dockerd's words where the working directory or the program is not there. */
    static void check(Directory root, JsonNode process) throws RuntimeFailure, LinuxException {
        String directory = process.path("cwd").asString("/");
        if (stat(root, directory).filter(Stat::isDirectory).isEmpty()) {
            throw new RuntimeFailure(
                    PREFIX + "chdir to cwd (\"" + directory
                            + "\") set in config.json failed: no such file or directory",
                    NOT_FOUND);
        }
        String program = process.path("args").path(0).asString("");
        if (program.contains("/")) {
            String path = program.startsWith("/") ? program : directory + "/" + program;
            Stat stat = stat(root, path).orElse(null);
            if (stat == null) {
                throw missing(root, program, path);
            }
            checkMode(program, stat);
            return;
        }
        for (String place : path(process)) {
            Stat stat = stat(root, place + "/" + program).orElse(null);
            if (stat != null && !stat.isDirectory() && (stat.mode() & ANYONE) != 0) {
                return;
            }
        }
        throw failure(program, "executable file not found in $PATH", NOT_FOUND);
    }

    /** Says of a program that is not there whether a directory on the way to it is none. */
    private static RuntimeFailure missing(Directory root, String program, String path) throws LinuxException {
        String parent = path.substring(0, path.lastIndexOf('/'));
        boolean onFile = stat(root, parent).filter(stat -> !stat.isDirectory()).isPresent();
        String reason = onFile ? "not a directory" + OciFailure.ONTO : "no such file or directory";
        return failure(program, "stat " + program + ": " + reason, NOT_FOUND);
    }

    private static void checkMode(String program, Stat stat) throws RuntimeFailure {
        if (stat.isDirectory()) {
            throw failure(program, "is a directory: permission denied", NOT_EXECUTABLE);
        }
        if ((stat.mode() & ANYONE) == 0) {
            throw failure(program, "permission denied", NOT_EXECUTABLE);
        }
    }

    private static List<String> path(JsonNode process) {
        for (JsonNode variable : process.path("env")) {
            if (variable.asString("").startsWith("PATH=")) {
                return List.of(variable.asString().substring("PATH=".length()).split(":"));
            }
        }
        return List.of("/bin", "/usr/bin");
    }

    private static Optional<Stat> stat(Directory root, String path) throws LinuxException {
        try (var file = root.openFile(name(path), dev.capas.linux.Fd.O_PATH, 0)) {
            return Optional.of(file.stat());
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static RuntimeFailure failure(String program, String reason, int code) {
        return new RuntimeFailure(PREFIX + "exec: \"" + program + "\": " + reason, code);
    }
}
