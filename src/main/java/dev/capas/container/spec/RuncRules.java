package dev.capas.container.spec;

import dev.capas.errdefs.EngineException;
import dev.capas.linux.Directory;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Mounts;
import dev.capas.runtime.ResourceUsage;
import dev.capas.runtime.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What runc 1.x does without being told, and dockerd therefore does not say in a specification, said: other OCI runtimes (crun 1.8)
 * do otherwise. The specification means the same to runc as before.
 */
final class RuncRules {
    private static final String HOME = "HOME=";

    private static final long LEAST_SHARES = 2;
    private static final long MOST_SHARES = 1 << 18;

    /** What a bind mount inherits of the mount that its source lies on. */
    private static final Map<Integer, String> INHERITED = new LinkedHashMap<>();

    static {
        INHERITED.put(Mounts.MS_RDONLY, "ro");
        INHERITED.put(Mounts.MS_NOSUID, "nosuid");
        INHERITED.put(Mounts.MS_NODEV, "nodev");
        INHERITED.put(Mounts.MS_NOEXEC, "noexec");
        INHERITED.put(Mounts.MS_NOATIME, "noatime");
        INHERITED.put(Mounts.MS_NODIRATIME, "nodiratime");
    }

    private RuncRules() {}

    /**
     * The same container.
     *
     * @param root where its root filesystem is mounted
     */
    static Spec apply(Spec spec, Path root) throws IOException {
        List<Spec.Mount> mounts = new ArrayList<>();
        try (Directory directory = Directory.open(root)) {
            for (Spec.Mount mount : spec.mounts()) {
                mounts.add(
                        switch (mount.type()) {
                            case "bind" -> bind(mount);
                            case "tmpfs" -> tmpfs(mount, directory);
                            default -> mount;
                        });
            }
        }
        return new Spec(
                spec.ociVersion(),
                apply(spec.process(), root),
                spec.root(),
                spec.hostname(),
                mounts,
                spec.annotations(),
                spec.linux().with(resources(spec.linux().resources())));
    }

    /** The same process, with the home directory of its user where it does not say another one. */
    static Spec.Process apply(Spec.Process process, Path root) throws IOException {
        Predicate<String> isHome = variable -> variable.startsWith(HOME);
        if (process.env().stream().anyMatch(isHome.and(variable -> !variable.equals(HOME)))) {
            return process;
        }
        List<String> environment = new ArrayList<>(process.env());
        environment.removeIf(isHome);
        environment.add(HOME + new Users(root).home(process.user().uid()));
        return process.with(environment);
    }

    /** A file has no mounts below it that recursion could mean. */
    private static Spec.Mount bind(Spec.Mount mount) throws LinuxException {
        Path source = Path.of(mount.source());
        if (!Files.exists(source)) {
            return mount;
        }
        List<String> options = new ArrayList<>(mount.options());
        if (!Files.isDirectory(source)) {
            options.replaceAll(option -> option.equals("rro") ? "ro" : option);
        }
        int flags = Mounts.flags(source);
        INHERITED.forEach((flag, option) -> {
            if ((flags & flag) != 0 && !options.contains(option)) {
                options.add(option);
            }
        });
        return mount.with(options);
    }

    /** A tmpfs has the permissions of the directory that it covers. */
    private static Spec.Mount tmpfs(Spec.Mount mount, Directory root) {
        if (mount.options().stream().anyMatch(option -> option.startsWith("mode="))) {
            return mount;
        }
        try (Directory covered = root.openDirectory(Directory.name(mount.destination()))) {
            List<String> options = new ArrayList<>(mount.options());
            options.add("mode=" + Integer.toOctalString(covered.stat().permissions()));
            return mount.with(options);
        } catch (LinuxException e) {
            return mount; // the runtime makes it
        }
    }

    private static Spec.Resources resources(Spec.Resources resources) {
        return new Spec.Resources(
                resources.devices() == null
                        ? null
                        : resources.devices().stream()
                                .map(RuncRules::rule)
                                .filter(rule -> !rule.access().isEmpty())
                                .toList(),
                resources.memory(),
                cpu(resources.cpu()),
                resources.pids(),
                resources.blockIO());
    }

    /** A number of -1 is any, as is none; letters that are no access are none. */
    private static Spec.DeviceRule rule(Spec.DeviceRule rule) {
        return new Spec.DeviceRule(
                rule.allow(),
                rule.type(),
                any(rule.major()),
                any(rule.minor()),
                rule.access().replaceAll("[^rwm]", ""));
    }

    private static @Nullable Long any(@Nullable Long number) {
        return number == null || number < 0 ? null : number;
    }

    /** A new cgroup has no quota. Shares that cgroups v1 would bring into range are refused. */
    private static Spec.@Nullable Cpu cpu(Spec.@Nullable Cpu cpu) {
        if (cpu != null && cpu.shares() != null && !ResourceUsage.unified()) {
            if (cpu.shares() < LEAST_SHARES) {
                throw shares("minimum allowed cpu-shares is " + LEAST_SHARES);
            }
            if (cpu.shares() > MOST_SHARES) {
                throw shares("maximum allowed cpu-shares is " + MOST_SHARES);
            }
        }
        return cpu == null || cpu.quota() == null || cpu.quota() > 0
                ? cpu
                : new Spec.Cpu(
                        cpu.shares(),
                        null,
                        cpu.period(),
                        cpu.realtimeRuntime(),
                        cpu.realtimePeriod(),
                        cpu.cpus(),
                        cpu.mems());
    }

    private static EngineException shares(String reason) {
        return RuntimeRefusal.ofInit("error setting cgroup config for procHooks process: the " + reason);
    }
}
