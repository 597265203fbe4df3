package dev.capas.runtime;

import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    private static final String EXEC = "OCI runtime exec failed: exec failed: ";
    private static final int NOT_FOUND = 127;
    private static final int NOT_EXECUTABLE = 126;
    private static final int OTHER = 128;
    private static final Pattern NOT_IN_PATH = Pattern.compile("executable file `?([^`]*?)`? not found in \\$PATH.*");

    private OciFailure() {}

    /** The failure of a create or start; the command is the container's, and null where it is not known. */
    static RuntimeFailure ofStart(Path log, @Nullable String command) {
        return of(log, command, TASK);
    }

    /** The failure of an exec. */
    static RuntimeFailure ofExec(Path log, @Nullable String command) {
        return of(log, command, EXEC);
    }

    private static RuntimeFailure of(Path log, @Nullable String command, String prefix) {
        String said = lastError(log);
        Matcher missing = NOT_IN_PATH.matcher(said);
        String program = command == null ? "" : command;
        if (missing.find()) {
            program = program.isEmpty() ? missing.group(1) : program;
            String reason = program.contains("/")
                    ? "stat " + program + ": no such file or directory"
                    : "executable file not found in $PATH";
            return new RuntimeFailure(prefix + start(prefix) + "exec: \"" + program + "\": " + reason, NOT_FOUND);
        }
        if (said.contains("open executable") || said.contains("Permission denied") && said.contains("exec")) {
            String reason = said.contains("not permitted") ? "is a directory: permission denied" : "permission denied";
            return new RuntimeFailure(prefix + start(prefix) + "exec: \"" + program + "\": " + reason, NOT_EXECUTABLE);
        }
        if (said.startsWith("chdir")) {
            String directory = said.replaceFirst("^chdir(?: to)? `?([^`:]*)`?:.*", "$1");
            return new RuntimeFailure(
                    prefix + start(prefix) + "chdir to cwd (\"" + directory + "\") set in config.json failed: "
                            + said.substring(said.lastIndexOf(": ") + 2).toLowerCase(java.util.Locale.ROOT),
                    NOT_FOUND);
        }
        return new RuntimeFailure(prefix + start(prefix) + said, OTHER);
    }

    private static String start(String prefix) {
        return prefix.equals(EXEC) ? "unable to start container process: " : INIT;
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
