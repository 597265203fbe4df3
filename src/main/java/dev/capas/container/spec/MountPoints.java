package dev.capas.container.spec;

import dev.capas.container.HostConfig;
import dev.capas.container.Mount;
import dev.capas.container.MountPoint;
import dev.capas.errdefs.EngineException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what a container asks to have mounted, {@code Binds} and {@code Mounts}, by Docker's rules and with its words. */
public final class MountPoints {
    private static final Set<String> PROPAGATIONS =
            Set.of("private", "rprivate", "slave", "rslave", "shared", "rshared");
    /** Of the words in one group a mode may have one. */
    private static final List<Set<String>> MODES = List.of(
            Set.of("ro", "rw"),
            Set.of("z", "Z"),
            PROPAGATIONS,
            Set.of("nocopy"),
            Set.of("consistent", "cached", "delegated"));

    private MountPoints() {}

    /**
     * All of them, binds first.
     *
     * @throws EngineException for what cannot be right; with {@code Mounts}, also for a source that does not exist
     */
    public static List<MountPoint> of(HostConfig config) {
        List<MountPoint> points = new ArrayList<>();
        Set<String> destinations = new HashSet<>();
        for (String tmpfs :
                config.tmpfs() == null ? Set.<String>of() : config.tmpfs().keySet()) {
            if (!tmpfs.startsWith("/")) {
                throw EngineException.invalidParameter(notAbsolute(tmpfs));
            }
            destinations.add(clean(tmpfs));
        }
        for (String bind : config.binds() == null ? List.<String>of() : config.binds()) {
            MountPoint point = bind(bind, config.volumeDriver());
            add(point, point.destination(), points, destinations);
        }
        for (Mount mount : config.mounts() == null ? List.<Mount>of() : config.mounts()) {
            @Nullable String problem = problem(mount, true);
            if (problem != null) {
                throw EngineException.invalidParameter(problem);
            }
            add(point(mount, "", ""), mount.target(), points, destinations);
        }
        return points;
    }

    private static void add(MountPoint point, String asked, List<MountPoint> points, Set<String> destinations) {
        if (!destinations.add(point.destination())) {
            throw EngineException.invalidParameter("Duplicate mount point: " + asked);
        }
        points.add(point);
    }

    private static MountPoint bind(String raw, String driver) {
        String[] parts = raw.split(":", -1);
        if (parts.length > 3 || parts[0].isEmpty() || parts.length == 2 && validMode(parts[1])) {
            throw EngineException.system("invalid volume specification: '" + raw + "'", null);
        }
        String mode = parts.length == 3 ? parts[2] : "";
        if (!validMode(mode)) {
            throw EngineException.system("invalid mode: " + mode, null);
        }
        List<String> words = List.of(mode.split(","));
        String source = parts.length == 1 ? "" : parts[0];
        boolean host = source.startsWith("/");
        String propagation =
                words.stream().filter(PROPAGATIONS::contains).findFirst().orElse("");
        Mount mount = new Mount(
                host ? "bind" : "volume",
                source,
                parts.length == 1 ? parts[0] : parts[1],
                words.contains("ro"),
                "",
                host || !propagation.isEmpty() ? new Mount.BindOptions(propagation, false, true, false, false) : null,
                words.contains("nocopy") ? new Mount.VolumeOptions(true, null, null, null) : null,
                null,
                null);
        @Nullable String problem = problem(mount, false);
        if (problem != null) {
            throw EngineException.system("invalid volume specification: '" + raw + "': " + problem, null);
        }
        return point(mount, mode, driver);
    }

    private static boolean validMode(String mode) {
        if (mode.isEmpty()) {
            return true;
        }
        Set<Set<String>> used = new HashSet<>();
        for (String word : mode.split(",", -1)) {
            @Nullable
            Set<String> group = MODES.stream()
                    .filter(words -> words.contains(word))
                    .findFirst()
                    .orElse(null);
            if (group == null || !used.add(group)) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable String problem(Mount mount, boolean sourceMustExist) {
        @Nullable String reason = reason(mount, sourceMustExist);
        return reason == null ? null : "invalid mount config for type \"" + mount.type() + "\": " + reason;
    }

    private static @Nullable String reason(Mount mount, boolean sourceMustExist) {
        if (mount.target().isEmpty()) {
            return missing("Target");
        }
        if (clean(mount.target()).equals("/")) {
            return "invalid specification: destination can't be '/'";
        }
        if (!mount.target().startsWith("/")) {
            return notAbsolute(mount.target());
        }
        return switch (mount.type()) {
            case "bind" -> bindReason(mount, sourceMustExist);
            case "volume" ->
                mount.bindOptions() != null
                        ? superfluous("BindOptions")
                        : mount.source().isEmpty() && mount.readOnly()
                                ? "must not set ReadOnly mode when using anonymous volumes"
                                : mount.imageOptions() != null ? superfluous("ImageOptions") : subpathReason(mount);
            case "image" -> mount.source().isEmpty() ? missing("Source") : subpathReason(mount.imageOptions());
            case "tmpfs" ->
                mount.bindOptions() != null
                        ? superfluous("BindOptions")
                        : mount.volumeOptions() != null
                                ? superfluous("VolumeOptions")
                                : !mount.source().isEmpty()
                                        ? superfluous("Source")
                                        : Tmpfs.problem(mount.tmpfsOptions());
            default -> "mount type unknown";
        };
    }

    private static @Nullable String subpathReason(Mount mount) {
        String subpath =
                mount.volumeOptions() == null ? null : mount.volumeOptions().subpath();
        if (subpath == null || subpath.isEmpty()) {
            return null;
        }
        if (mount.source().isEmpty()) {
            return "must not set Subpath when using anonymous volumes";
        }
        return outside(subpath);
    }

    private static @Nullable String subpathReason(Mount.@Nullable ImageOptions options) {
        return options == null || options.subpath() == null ? null : outside(options.subpath());
    }

    private static @Nullable String outside(String subpath) {
        return subpath.startsWith("/") || Path.of(subpath).normalize().startsWith("..")
                ? "subpath must be a relative path within the volume"
                : null;
    }

    private static @Nullable String bindReason(Mount mount, boolean sourceMustExist) {
        if (mount.source().isEmpty()) {
            return missing("Source");
        }
        Mount.BindOptions options = options(mount);
        if (!options.propagation().isEmpty() && !PROPAGATIONS.contains(options.propagation())) {
            return "invalid propagation mode: " + options.propagation();
        }
        if (mount.volumeOptions() != null) {
            return superfluous("VolumeOptions");
        }
        if (!mount.source().startsWith("/")) {
            return notAbsolute(mount.source());
        }
        if (sourceMustExist && !options.createMountpoint() && !Files.exists(Path.of(mount.source()))) {
            return "bind source path does not exist: " + mount.source();
        }
        return null;
    }

    private static MountPoint point(Mount mount, String mode, String driver) {
        boolean bind = mount.type().equals("bind");
        boolean volume = mount.type().equals("volume");
        boolean image = mount.type().equals("image");
        Mount.BindOptions options = options(mount);
        return new MountPoint(
                mount.type(),
                volume || image ? mount.source() : null,
                bind ? clean(mount.source()) : "",
                clean(mount.target()),
                volume ? driver(mount, driver) : null,
                volume && mode.isEmpty() ? "z" : mode,
                !mount.readOnly() && !image,
                (bind || image) && options.propagation().isEmpty() ? "rprivate" : options.propagation(),
                options,
                mount.tmpfsOptions(),
                mount.volumeOptions(),
                mount.imageOptions(),
                null,
                options.createMountpoint(),
                volume && mount.source().isEmpty());
    }

    private static String driver(Mount mount, String otherwise) {
        Mount.Driver own =
                mount.volumeOptions() == null ? null : mount.volumeOptions().driverConfig();
        return own == null || own.name() == null ? otherwise : own.name();
    }

    private static Mount.BindOptions options(Mount mount) {
        return mount.bindOptions() == null ? Mount.BindOptions.DEFAULT : mount.bindOptions();
    }

    private static String missing(String field) {
        return "field " + field + " must not be empty";
    }

    private static String superfluous(String field) {
        return "field " + field + " must not be specified";
    }

    private static String notAbsolute(String path) {
        return "invalid mount path: '" + path + "' mount path must be absolute";
    }

    /** The shortest path that is the same, links apart; an absolute one does not climb over its root. */
    static String clean(String path) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/")) {
            if (part.equals("..") && !parts.isEmpty()) {
                parts.removeLast();
            } else if (!part.isEmpty() && !part.equals(".") && !part.equals("..")) {
                parts.add(part);
            }
        }
        return (path.startsWith("/") ? "/" : "") + String.join("/", parts);
    }
}
