package dev.capas.container.spec;

import dev.capas.container.HostConfig;
import dev.capas.container.Mount;
import dev.capas.container.MountPoint;
import dev.capas.errdefs.EngineException;
import dev.capas.runtime.Spec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is mounted in a container over its root: Docker's usual file systems, its files in {@code /etc}, and what was asked for. */
final class MountTable {
    /** The files that are the engine's, by the name they have in {@code /etc} and in the container's directory. */
    static final List<String> ETC_FILES = List.of("resolv.conf", "hostname", "hosts");

    private static final Path INIT_BINARY = Path.of("/usr/bin/tini-static");

    private MountTable() {}

    /**
     * All mounts, the shallow ones before those below them.
     *
     * @throws EngineException for options that no such mount has
     */
    static List<Spec.Mount> of(SpecRequest request) {
        Map<String, Spec.Mount> asked = asked(request);
        List<Spec.Mount> mounts = new ArrayList<>();
        for (Spec.Mount usual : usual(request.hostConfig())) {
            boolean below = asked.containsKey("/dev") && usual.destination().startsWith("/dev/");
            if (!below && !asked.containsKey(usual.destination())) {
                mounts.add(usual);
            }
        }
        asked.values().stream()
                .sorted(Comparator.comparingLong(mount ->
                        mount.destination().chars().filter(c -> c == '/').count()))
                .forEach(mounts::add);
        if (ProcessSpec.runsInit(request)) {
            mounts.add(new Spec.Mount(ProcessSpec.INIT, "bind", INIT_BINARY.toString(), List.of("bind", "ro")));
        }
        return mounts;
    }

    private static List<Spec.Mount> usual(HostConfig config) {
        boolean writableCgroups = config.privileged();
        Boolean asked = SecurityOptions.of(config.securityOpt()).writableCgroups();
        if (asked != null) {
            writableCgroups = asked;
        }
        List<Spec.Mount> mounts = new ArrayList<>(List.of(
                new Spec.Mount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")),
                new Spec.Mount("/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")),
                new Spec.Mount(
                        "/dev/pts",
                        "devpts",
                        "devpts",
                        List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")),
                new Spec.Mount("/sys", "sysfs", "sysfs", readOnlyUnless(config.privileged(), false)),
                new Spec.Mount("/sys/fs/cgroup", "cgroup", "cgroup", readOnlyUnless(writableCgroups, true)),
                new Spec.Mount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev"))));
        if (!config.ipcMode().equals("none") && !sharesMemory(config)) {
            mounts.add(new Spec.Mount(
                    "/dev/shm",
                    "tmpfs",
                    "shm",
                    List.of("nosuid", "noexec", "nodev", "mode=1777", "size=" + SharedMemory.size(config))));
        }
        return mounts;
    }

    private static boolean sharesMemory(HostConfig config) {
        String mode = config.ipcMode();
        return mode.equals("host") || mode.equals("shareable") || mode.startsWith("container:");
    }

    private static List<String> readOnlyUnless(boolean writable, boolean first) {
        List<String> options = new ArrayList<>(List.of("nosuid", "noexec", "nodev"));
        if (!writable) {
            options.add(first ? 0 : options.size(), "ro");
        }
        return options;
    }

    private static Map<String, Spec.Mount> asked(SpecRequest request) {
        HostConfig config = request.hostConfig();
        Map<String, Spec.Mount> mounts = new LinkedHashMap<>();
        for (MountPoint point : request.mounts()) {
            if (point.type().equals("tmpfs")) {
                put(mounts, tmpfs(point.destination(), Tmpfs.options(!point.rw(), point.tmpfsOptions())));
            } else if (!point.source().isEmpty()) {
                put(mounts, bind(point));
            }
        }
        new TreeMap<>(config.tmpfs() == null ? Map.of() : config.tmpfs())
                .forEach((path, options) -> put(mounts, tmpfs(MountPoints.clean(path), Tmpfs.options(options))));
        if (sharesMemory(config) && !mounts.containsKey("/dev/shm")) {
            put(mounts, bind("/dev/shm", SharedMemory.source(request), false));
        }
        if (!request.config().networkDisabled()) {
            Path directory = request.joined().network() == null
                    ? request.directory()
                    : request.joined().network().directory();
            for (String file : ETC_FILES) {
                if (!mounts.containsKey("/etc/" + file)) {
                    put(mounts, bind("/etc/" + file, directory.resolve(file), config.readonlyRootfs()));
                }
            }
        }
        return mounts;
    }

    private static void conflict(boolean exists, String options) {
        if (exists) {
            throw EngineException.system("mount options conflict: " + options, null);
        }
    }

    private static void put(Map<String, Spec.Mount> mounts, Spec.Mount mount) {
        mounts.put(mount.destination(), mount);
    }

    private static Spec.Mount tmpfs(String destination, List<String> options) {
        return new Spec.Mount(destination, "tmpfs", "tmpfs", options);
    }

    private static Spec.Mount bind(String destination, Path source, boolean readOnly) {
        return new Spec.Mount(
                destination,
                "bind",
                source.toString(),
                readOnly ? List.of("rbind", "rro", "rprivate") : List.of("rbind", "rprivate"));
    }

    private static Spec.Mount bind(MountPoint point) {
        Mount.BindOptions bindOptions = point.bindOptions();
        conflict(point.rw() && bindOptions.readOnlyNonRecursive(), "!ReadOnly && BindOptions.ReadOnlyNonRecursive");
        conflict(point.rw() && bindOptions.readOnlyForceRecursive(), "!ReadOnly && BindOptions.ReadOnlyForceRecursive");
        conflict(
                bindOptions.readOnlyNonRecursive() && bindOptions.readOnlyForceRecursive(),
                "ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive");
        List<String> options = new ArrayList<>();
        options.add(bindOptions.nonRecursive() ? "bind" : "rbind");
        if (!point.rw()) {
            options.add(bindOptions.readOnlyNonRecursive() ? "ro" : "rro");
        }
        if (!point.propagation().isEmpty()) {
            options.add(point.propagation());
        }
        return new Spec.Mount(point.destination(), "bind", point.source(), options);
    }
}
