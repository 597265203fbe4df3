package dev.capas.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.errdefs.EngineException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an image runs on (OCI image specification, "Image Index", property {@code platform}).
 *
 * @param architecture as Go names it, for example {@code amd64}
 * @param os as Go names it, for example {@code linux}
 * @param osVersion for Windows alone
 * @param osFeatures for Windows alone
 * @param variant of the CPU, for example {@code v7}
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Platform(
        @Nullable String architecture,
        @Nullable String os,
        @JsonProperty("os.version") @Nullable String osVersion,
        @JsonProperty("os.features") @Nullable List<String> osFeatures,
        @Nullable String variant) {
    private static final Pattern COMPONENT = Pattern.compile("[A-Za-z0-9_-]+");
    private static final Set<String> SYSTEMS = Set.of(
            "aix",
            "android",
            "darwin",
            "dragonfly",
            "freebsd",
            "hurd",
            "illumos",
            "ios",
            "js",
            "linux",
            "nacl",
            "netbsd",
            "openbsd",
            "plan9",
            "solaris",
            "windows",
            "zos");
    private static final Set<String> ARCHITECTURES = Set.of(
            "386",
            "amd64",
            "amd64p32",
            "arm",
            "armbe",
            "arm64",
            "arm64be",
            "loong64",
            "mips",
            "mipsle",
            "mips64",
            "mips64le",
            "mips64p32",
            "mips64p32le",
            "ppc",
            "ppc64",
            "ppc64le",
            "riscv",
            "riscv64",
            "s390",
            "s390x",
            "sparc",
            "sparc64",
            "wasm");
    private static final Platform HOST =
            new Platform(System.getProperty("os.arch", ""), "linux", null, null, null).normalized();

    /** The platform of this machine. */
    public static Platform host() {
        return HOST;
    }

    /**
     * Reads {@code os}, {@code architecture}, {@code os/architecture} or {@code os/architecture/variant}, as containerd does.
     *
     * @throws EngineException (invalid parameter) if the text is none of them
     */
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        for (String part : parts) {
            if (!COMPONENT.matcher(part).matches()) {
                throw invalid(text, "invalid component \"" + part + "\"");
            }
        }
        return switch (parts.length) {
            case 1 -> single(text);
            case 2 -> new Platform(parts[1], parts[0], null, null, null).normalized();
            case 3 -> new Platform(parts[1], parts[0], null, null, parts[2]).normalized();
            default -> throw invalid(text, "cannot parse platform specifier");
        };
    }

    private static Platform single(String text) {
        Platform asSystem = new Platform(HOST.architecture, text, null, null, HOST.variant).normalized();
        if (SYSTEMS.contains(asSystem.os)) {
            return asSystem;
        }
        Platform asArchitecture = new Platform(text, HOST.os, null, null, null).normalized();
        if (ARCHITECTURES.contains(asArchitecture.architecture)) {
            return asArchitecture;
        }
        throw invalid(text, "unknown operating system or architecture");
    }

    private static EngineException invalid(String text, String why) {
        return EngineException.invalidParameter("\"" + text + "\": " + why + ": invalid argument");
    }

    /** The same platform by the names that Go has for it: {@code x86_64} is {@code amd64}, {@code arm} alone is {@code arm/v7}. */
    public Platform normalized() {
        String system = os == null ? "" : os.toLowerCase(Locale.ROOT);
        String cpu = architecture == null ? "" : architecture.toLowerCase(Locale.ROOT);
        String kind = variant == null ? "" : variant.toLowerCase(Locale.ROOT);
        switch (cpu) {
            case "i386" -> {
                cpu = "386";
                kind = "";
            }
            case "x86_64", "x86-64", "amd64" -> {
                cpu = "amd64";
                kind = kind.equals("v1") ? "" : kind;
            }
            case "aarch64", "arm64" -> {
                cpu = "arm64";
                kind = kind.equals("8") || kind.equals("v8") ? "" : kind;
            }
            case "armhf" -> {
                cpu = "arm";
                kind = "v7";
            }
            case "armel" -> {
                cpu = "arm";
                kind = "v6";
            }
            case "arm" ->
                kind = switch (kind) {
                    case "", "7" -> "v7";
                    case "5", "6", "8" -> "v" + kind;
                    default -> kind;
                };
            default -> {}
        }
        return new Platform(
                cpu, system.equals("macos") ? "darwin" : system, osVersion, osFeatures, kind.isEmpty() ? null : kind);
    }

    /** Whether an image for this platform runs where the other is asked for. */
    public boolean satisfies(Platform wanted) {
        Platform mine = normalized();
        Platform other = wanted.normalized();
        return equal(mine.os, other.os)
                && equal(mine.architecture, other.architecture)
                && equal(mine.variant, other.variant);
    }

    private static boolean equal(@Nullable String a, @Nullable String b) {
        return java.util.Objects.equals(a, b);
    }

    /** {@code os/architecture[/variant]}. */
    @Override
    public String toString() {
        return os + "/" + architecture + (variant == null ? "" : "/" + variant);
    }
}
