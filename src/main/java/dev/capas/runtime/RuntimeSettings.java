package dev.capas.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Which OCI runtimes there are.
 *
 * @param defaultRuntime the name of the one that containers get that name none ({@code --default-runtime})
 * @param runtimes name to program ({@code --add-runtime}), beside those on the PATH
 */
public record RuntimeSettings(String defaultRuntime, Map<String, Path> runtimes) {
    /** The names that need not be added, for programs on the PATH. */
    public static final List<String> KNOWN = List.of("crun", "runc", "youki");

    /** crun, and nothing added. */
    public static final RuntimeSettings DEFAULT = new RuntimeSettings("crun", Map.of());
}
