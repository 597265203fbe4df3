package dev.capas.container.spec;

import dev.capas.errdefs.EngineException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --security-opt} asks for. Options for SELinux ({@code label}) are accepted and have no effect.
 *
 * @param noNewPrivileges whether no execve may gain privileges
 * @param seccomp {@code unconfined}, {@code builtin}, or a profile as JSON; null for the default
 * @param apparmor the name of a profile, or null
 * @param writableCgroups whether {@code /sys/fs/cgroup} can be written; null for the default
 */
public record SecurityOptions(
        boolean noNewPrivileges,
        @Nullable String seccomp,
        @Nullable String apparmor,
        @Nullable Boolean writableCgroups) {
    private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

    /**
     * Reads the options, {@code key=value} or {@code key:value}.
     *
     * @throws EngineException for one that Docker does not know
     */
    public static SecurityOptions of(@Nullable List<String> options) {
        boolean noNewPrivileges = false;
        @Nullable String seccomp = null;
        @Nullable String apparmor = null;
        @Nullable Boolean writableCgroups = null;
        for (String option : options == null ? List.<String>of() : options) {
            if (option.equals("no-new-privileges")) {
                noNewPrivileges = true;
                continue;
            }
            if (option.equals("disable")) {
                continue;
            }
            String[] parts = option.split(option.contains("=") ? "=" : ":", 2);
            if (parts.length < 2) {
                throw EngineException.system("invalid --security-opt 1: \"" + option + '"', null);
            }
            switch (parts[0]) {
                case "label" -> {}
                case "apparmor" -> apparmor = parts[1];
                case "seccomp" -> seccomp = parts[1].isEmpty() ? null : parts[1];
                case "no-new-privileges" -> noNewPrivileges = flag(parts[1], option);
                case "writable-cgroups" -> writableCgroups = flag(parts[1], option);
                default -> throw unknown(option);
            }
        }
        return new SecurityOptions(noNewPrivileges, seccomp, apparmor, writableCgroups);
    }

    private static boolean flag(String value, String option) {
        if (!TRUE.contains(value) && !FALSE.contains(value)) {
            throw unknown(option);
        }
        return TRUE.contains(value);
    }

    private static EngineException unknown(String option) {
        return EngineException.system("invalid --security-opt 2: \"" + option + '"', null);
    }
}
