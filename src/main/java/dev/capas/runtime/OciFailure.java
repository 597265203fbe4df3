package dev.capas.runtime;

import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Turns what an OCI runtime writes to its JSON log into the words and exit codes of dockerd 28. */
final class OciFailure {
    private static final String TASK =
            "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ";
    private static final String INIT = "unable to start container process: error during container init: ";
    private static final String EXEC = "OCI runtime exec failed: exec failed: unable to start container process: ";
    static final String ONTO =
            ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type";
    private static final int NOT_FOUND = 127;
    private static final int NOT_EXECUTABLE = 126;
    private static final int OTHER = 128;
    private static final Pattern NOT_IN_PATH = Pattern.compile("executable file `?([^`]*?)`? not found in \\$PATH.*");
    private static final Pattern MOUNT = Pattern.compile("mount `([^`]*)` to `/?([^`]*)`: (.*)");
    private static final Pattern LAST_WORDS = Pattern.compile("(?<=: )[A-Z](?=[a-z ]+$)");

    private OciFailure() {}

    /** The failure of a create or start; the command is the container's, and null where it is not known. */
    static RuntimeFailure ofStart(Path log, @Nullable String command) {
        String message = TASK + INIT + reason(lastError(log), command);
        int code = code(message);
        return new RuntimeFailure(
                message.contains("not a directory") && code == NOT_FOUND ? message + ONTO : message, code);
    }

    /** The failure of an exec. */
    static RuntimeFailure ofExec(Path log, @Nullable String command) {
        String message = EXEC + reason(lastError(log), command);
        return new RuntimeFailure(message, code(message));
    }

    /** The rule by which dockerd tells a wrong request from a failure, in its order ({@code daemon/errors.go}). */
    private static int code(String message) {
        if (message.contains("permission denied")) {
            return NOT_EXECUTABLE;
        }
        return message.contains("not a directory")
                        || message.contains("executable file not found")
                        || message.contains("no such file or directory")
                ? NOT_FOUND
                : OTHER;
    }

    private static String reason(String said, @Nullable String command) {
        Matcher missing = NOT_IN_PATH.matcher(said);
        if (missing.find()) {
            String program = command == null ? missing.group(1) : command;
            return exec(
                    program,
                    program.contains("/")
                            ? "stat " + program + ": no such file or directory"
                            : "executable file not found in $PATH");
        }
        if (said.contains("open executable") || said.contains("Permission denied") && said.contains("exec")) {
            return notExecutable(said, command == null ? "" : command);
        }
        if (said.startsWith("chdir")) {
            String directory = said.replaceFirst("^chdir(?: to)? `?([^`:]*)`?:.*", "$1");
            return "chdir to cwd (\"" + directory + "\") set in config.json failed: "
                    + lowerCase(said).substring(said.lastIndexOf(": ") + 2);
        }
        Matcher mount = MOUNT.matcher(said);
        return mount.matches()
                ? "error mounting \"" + mount.group(1) + "\" to rootfs at \"/" + mount.group(2) + "\": "
                        + lowerCase(": " + mount.group(3)).substring(2)
                : lowerCase(said);
    }

    private static String notExecutable(String said, String program) {
        if (!program.contains("/")) {
            return exec(program, "executable file not found in $PATH");
        }
        if (said.contains("Not a directory")) {
            return exec(program, "stat " + program + ": not a directory");
        }
        return exec(
                program, said.contains("not permitted") ? "is a directory: permission denied" : "permission denied");
    }

    private static String exec(String program, String reason) {
        return "exec: \"" + program + "\": " + reason;
    }

    /** What the C library says of an error, as Go says it. */
    private static String lowerCase(String said) {
        return LAST_WORDS.matcher(said).replaceFirst(match -> match.group().toLowerCase(Locale.ROOT));
    }

    private static String lastError(Path log) {
        try {
            List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
            for (String line : lines.reversed()) {
                JsonNode entry = Json.MAPPER.readTree(line);
                if (entry.path("level").asString("").equals("error")) {
                    return entry.path("msg").asString("");
                }
            }
        } catch (IOException | JacksonException e) {
            return "the runtime's log cannot be read: " + e.getMessage();
        }
        return "the runtime ended without a word";
    }
}
