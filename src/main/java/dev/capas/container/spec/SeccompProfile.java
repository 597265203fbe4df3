package dev.capas.container.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.errdefs.EngineException;
import dev.capas.oci.Json;
import dev.capas.runtime.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

/**
 * A seccomp profile in Docker's format: rules with conditions on the architecture, the capabilities and the kernel, which are
 * decided when a container starts.
 *
 * @param archMap architectures with those that run on them too; or else {@code architectures}
 */
record SeccompProfile(
        @Nullable String defaultAction,
        @Nullable Integer defaultErrnoRet,
        @Nullable List<String> architectures,
        @Nullable List<Architecture> archMap,
        @Nullable List<String> flags,
        @Nullable String listenerPath,
        @Nullable String listenerMetadata,
        @Nullable List<Rule> syscalls) {
    /** Debian's {@code golang-github-containers-common} installs it; an administrator's own comes first. */
    private static final List<Path> DEFAULTS =
            List.of(Path.of("/etc/containers/seccomp.json"), Path.of("/usr/share/containers/seccomp.json"));

    private static final Set<String> ACTIONS = Set.of(
            "SCMP_ACT_KILL",
            "SCMP_ACT_KILL_PROCESS",
            "SCMP_ACT_KILL_THREAD",
            "SCMP_ACT_ERRNO",
            "SCMP_ACT_TRAP",
            "SCMP_ACT_ALLOW",
            "SCMP_ACT_TRACE",
            "SCMP_ACT_LOG",
            "SCMP_ACT_NOTIFY");

    private static final String MACHINE = System.getProperty("os.arch");

    /** An architecture by the name that libseccomp has for it. */
    record Architecture(
            @Nullable String architecture,
            @JsonProperty("subArchitectures") @Nullable List<String> narrower) {}

    /** System calls, when the rule holds, and what happens then. */
    record Rule(
            @Nullable String name,
            @Nullable List<String> names,
            String action,
            @Nullable Integer errnoRet,
            @Nullable List<Spec.SyscallArg> args,
            @Nullable Conditions includes,
            @Nullable Conditions excludes) {}

    /** Each that is given must hold ({@code includes}), or none may ({@code excludes}); the architectures as Go names them. */
    record Conditions(
            @Nullable List<String> caps,
            @Nullable List<String> arches,
            @Nullable String minKernel) {
        boolean excludes(List<String> capabilities) {
            return given(arches).contains(architecture())
                    || given(caps).stream().anyMatch(capabilities::contains)
                    || minKernel != null && kernelIsAtLeast(minKernel);
        }

        boolean includes(List<String> capabilities) {
            return (given(arches).isEmpty() || given(arches).contains(architecture()))
                    && capabilities.containsAll(given(caps))
                    && (minKernel == null || kernelIsAtLeast(minKernel));
        }
    }

    private record Read(Path file, FileTime modified, SeccompProfile profile) {}

    private static final AtomicReference<@Nullable Read> LAST_READ = new AtomicReference<>();

    /** The default profile, read again when its file has changed; empty where none is installed. */
    static Optional<SeccompProfile> defaultProfile() throws IOException {
        Optional<Path> file = defaultFile();
        if (file.isEmpty()) {
            return Optional.empty();
        }
        FileTime modified = Files.getLastModifiedTime(file.get());
        Read last = LAST_READ.get();
        if (last == null || !last.file.equals(file.get()) || !last.modified.equals(modified)) {
            last = new Read(file.get(), modified, parse(Files.readString(file.get())));
            LAST_READ.set(last);
        }
        return Optional.of(last.profile);
    }

    /** The file of the default profile; empty where none is installed. */
    static Optional<Path> defaultFile() {
        return DEFAULTS.stream().filter(Files::isReadable).findFirst();
    }

    /**
     * Reads a profile that a client gave.
     *
     * @throws EngineException in Docker's words if it is none
     */
    static SeccompProfile parse(String json) {
        SeccompProfile profile;
        try {
            profile = Json.MAPPER.readValue(json, SeccompProfile.class);
        } catch (JacksonException e) {
            String reason = e instanceof UnexpectedEndOfInputException
                    ? "unexpected end of JSON input"
                    : e.getOriginalMessage();
            throw EngineException.system("Decoding seccomp profile failed: " + reason, e);
        }
        if (!given(profile.architectures).isEmpty() && !given(profile.archMap).isEmpty()) {
            throw both("architectures", "archMap");
        }
        for (Rule rule : given(profile.syscalls)) {
            if (rule.name != null && !rule.name.isEmpty() && !given(rule.names).isEmpty()) {
                throw both("name", "names");
            }
        }
        return profile;
    }

    /**
     * The filter for a process with these capabilities; null if the profile says nothing.
     *
     * @throws EngineException in Docker's words for an action that there is not
     */
    Spec.@Nullable Seccomp filter(List<String> capabilities) {
        if ((defaultAction == null || defaultAction.isEmpty())
                && given(syscalls).isEmpty()) {
            return null;
        }
        List<Spec.Syscall> rules = new ArrayList<>();
        for (Rule rule : given(syscalls)) {
            if (rule.excludes != null && rule.excludes.excludes(capabilities)
                    || rule.includes != null && !rule.includes.includes(capabilities)) {
                continue;
            }
            List<String> names = rule.name != null && !rule.name.isEmpty() ? List.of(rule.name) : given(rule.names);
            rules.add(new Spec.Syscall(names, checked(rule.action), rule.errnoRet, rule.args));
        }
        return new Spec.Seccomp(
                checked(defaultAction == null ? "" : defaultAction),
                defaultErrnoRet,
                filterArchitectures(),
                flags,
                listenerPath,
                listenerMetadata,
                rules);
    }

    private static String checked(String action) {
        if (!ACTIONS.contains(action)) {
            throw RuntimeRefusal.of("string " + action + " is not a valid action for seccomp");
        }
        return action;
    }

    private @Nullable List<String> filterArchitectures() {
        if (given(archMap).isEmpty()) {
            return architectures;
        }
        String own = MACHINE.equals("aarch64") ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64";
        List<String> result = new ArrayList<>();
        for (Architecture one : given(archMap)) {
            if (own.equals(one.architecture)) {
                result.add(own);
                result.addAll(given(one.narrower));
            }
        }
        return result;
    }

    private static String architecture() {
        return MACHINE.equals("aarch64") ? "arm64" : MACHINE;
    }

    private static boolean kernelIsAtLeast(String wanted) {
        int[] here = numbers(System.getProperty("os.version"));
        int[] there = numbers(wanted);
        return Arrays.compare(here, there) >= 0;
    }

    private static int[] numbers(String version) {
        int[] numbers = Arrays.stream(version.split("[^0-9]+"))
                .filter(part -> !part.isEmpty())
                .limit(2)
                .mapToInt(Integer::parseInt)
                .toArray();
        return Arrays.copyOf(numbers, 2);
    }

    private static EngineException both(String one, String other) {
        return EngineException.system(
                "both '" + one + "' and '" + other + "' are specified in the seccomp profile, use either '" + one
                        + "' or '" + other + "'",
                null);
    }

    private static <T> List<T> given(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
