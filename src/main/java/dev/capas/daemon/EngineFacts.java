package dev.capas.daemon;

import dev.capas.api.EngineVersion;
import dev.capas.api.SystemFacts;
import dev.capas.api.SystemInfo;
import dev.capas.api.SystemVersion;
import dev.capas.api.SystemVersion.Component;
import dev.capas.container.Containers;
import dev.capas.container.State;
import dev.capas.container.spec.SpecFactory;
import dev.capas.event.EventBus;
import dev.capas.filter.Filters;
import dev.capas.image.ImageList;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerStore;
import dev.capas.network.Networks;
import dev.capas.runtime.ContainerRuntime;
import dev.capas.runtime.RuntimeSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the engine knows of itself and of the machine. */
@org.springframework.stereotype.Component
final class EngineFacts implements SystemFacts {

    private final DaemonSettings settings;
    private final LiveSettings live;
    private final EventBus events;
    private final ImageList images;
    private final Containers containers;
    private final LayerStore layers;
    private final ContainerRuntime runtime;
    private final Networks networks;
    private final Programs programs = new Programs();
    private final String id;

    EngineFacts(
            DaemonSettings settings,
            LiveSettings live,
            EventBus events,
            ImageList images,
            Containers containers,
            LayerStore layers,
            ContainerRuntime runtime,
            Networks networks)
            throws IOException {
        this.settings = settings;
        this.live = live;
        this.events = events;
        this.images = images;
        this.containers = containers;
        this.layers = layers;
        this.runtime = runtime;
        this.networks = networks;
        this.id = EngineId.of(settings.home().dataRoot());
    }

    @Override
    public SystemVersion version() {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("ApiVersion", EngineVersion.API);
        details.put("Arch", Host.architecture());
        details.put("BuildTime", EngineVersion.BUILD_TIME);
        details.put("Experimental", "false");
        details.put("GitCommit", "");
        details.put("GoVersion", javaVersion());
        details.put("KernelVersion", Host.kernelVersion());
        details.put("MinAPIVersion", EngineVersion.MIN_API);
        details.put("Os", "linux");
        List<Component> components = new ArrayList<>();
        components.add(new Component("Engine", EngineVersion.VERSION, details));
        for (String program : List.of(settings.defaultRuntime(), "conmon", "tini")) {
            programs.version(path(program))
                    .ifPresent(version -> components.add(new Component(program, version, Map.of("GitCommit", ""))));
        }
        return new SystemVersion(
                new SystemVersion.Platform("Capas"),
                components,
                EngineVersion.VERSION,
                EngineVersion.API,
                EngineVersion.MIN_API,
                "",
                javaVersion(),
                "linux",
                Host.architecture(),
                Host.kernelVersion(),
                EngineVersion.BUILD_TIME);
    }

    private static String javaVersion() {
        return "java" + Runtime.version().feature() + "." + Runtime.version().interim() + "."
                + Runtime.version().update();
    }

    private String path(String runtimeName) {
        return Objects.requireNonNullElse(settings.runtimes().get(runtimeName), Path.of(runtimeName))
                .toString();
    }

    @Override
    public SystemInfo info() {
        Map<State.Status, Integer> counts = containers.count();
        int running = counts.getOrDefault(State.Status.RUNNING, 0) + counts.getOrDefault(State.Status.RESTARTING, 0);
        int paused = counts.getOrDefault(State.Status.PAUSED, 0);
        return new SystemInfo(
                id,
                counts.values().stream().mapToInt(Integer::intValue).sum(),
                running,
                paused,
                counts.values().stream().mapToInt(Integer::intValue).sum() - running - paused,
                images.list(Filters.NONE, true, false, 0).size(),
                "overlay2",
                List.of(
                        List.of(
                                "Backing Filesystem",
                                Host.fileSystem(settings.home().dataRoot())),
                        List.of("Supports d_type", "true"),
                        List.of("Using metacopy", "false"),
                        List.of("Native Overlay Diff", "true"),
                        List.of("userxattr", "false")),
                new SystemInfo.Plugins(List.of("local"), networks.drivers(), null, List.of("json-file")),
                Host.limits("memory", "memory.limit_in_bytes"),
                Host.limits("memory", "memory.memsw.limit_in_bytes"),
                Host.limits("memory", "memory.kmem.tcp.limit_in_bytes") && !Host.unifiedCgroups(),
                Host.limits("cpu", "cpu.cfs_period_us"),
                Host.limits("cpu", "cpu.cfs_quota_us"),
                Host.limits("cpu", "cpu.shares"),
                Host.limits("cpuset", "cpuset.cpus"),
                Host.limits("pids", ""),
                Host.forwardsIpv4(),
                live.current().verbosity() == Verbosity.DEBUG,
                Host.openFiles(),
                Host.limits("memory", "memory.oom_control") && !Host.unifiedCgroups(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                Instant.now().toString(),
                "json-file",
                "cgroupfs",
                Host.unifiedCgroups() ? "2" : "1",
                events.subscribers(),
                Host.kernelVersion(),
                Host.operatingSystem(),
                Host.operatingSystemVersion(),
                "linux",
                Host.machine(),
                "https://index.docker.io/v1/",
                registries(),
                Runtime.getRuntime().availableProcessors(),
                Host.memory(),
                null,
                settings.home().dataRoot().toString(),
                proxy("HTTP_PROXY"),
                proxy("HTTPS_PROXY"),
                proxy("NO_PROXY"),
                Host.name(),
                live.current().labels(),
                false,
                EngineVersion.VERSION,
                runtimes(),
                settings.defaultRuntime(),
                SystemInfo.inactiveSwarm(),
                true,
                "",
                "tini",
                commit(null),
                commit(settings.defaultRuntime()),
                commit("tini"),
                SpecFactory.seccompMissing().isEmpty() ? List.of("name=seccomp,profile=builtin") : List.of(),
                List.of(),
                warnings());
    }

    private Map<String, SystemInfo.Runtime> runtimes() {
        Map<String, SystemInfo.Runtime> runtimes = new LinkedHashMap<>();
        for (String name : RuntimeSettings.KNOWN) {
            programs.version(name).ifPresent(version -> runtimes.put(name, new SystemInfo.Runtime(name)));
        }
        runtimes.put(settings.defaultRuntime(), new SystemInfo.Runtime(path(settings.defaultRuntime())));
        settings.runtimes().forEach((name, path) -> runtimes.put(name, new SystemInfo.Runtime(path.toString())));
        boolean runc = programs.version("runc").isPresent();
        runtimes.putIfAbsent("runc", new SystemInfo.Runtime(runc ? "runc" : path(settings.defaultRuntime())));
        return runtimes;
    }

    private SystemInfo.RegistryConfig registries() {
        Map<String, SystemInfo.Index> indexes = new LinkedHashMap<>();
        indexes.put("docker.io", new SystemInfo.Index(live.current().registryMirrors(), "docker.io", true, true));
        List<String> networks = new ArrayList<>(List.of("::1/128", "127.0.0.0/8"));
        for (String registry : live.current().insecureRegistries()) {
            if (registry.contains("/")) {
                networks.add(registry);
            } else {
                indexes.put(registry, new SystemInfo.Index(List.of(), registry, false, false));
            }
        }
        return new SystemInfo.RegistryConfig(
                indexes,
                networks,
                live.current().registryMirrors().isEmpty()
                        ? null
                        : live.current().registryMirrors());
    }

    private SystemInfo.Commit commit(@Nullable String program) {
        return new SystemInfo.Commit(
                program == null ? "" : programs.version(path(program)).orElse(""));
    }

    private static String proxy(String variable) {
        return Objects.requireNonNullElse(System.getenv(variable), "");
    }

    /** What this place does not allow. */
    private @Nullable List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        for (Optional<String> missing : List.of(
                layers.unavailable(),
                runtime.unavailable(),
                networks.unavailable(),
                networks.warning(),
                SpecFactory.seccompMissing())) {
            missing.ifPresent(warning -> warnings.add("WARNING: " + warning));
        }
        for (Layer damaged : layers.damaged()) {
            String users = images.using(damaged.diffId()).stream()
                    .map(summary -> summary.names().isEmpty()
                            ? summary.image().id().toString()
                            : summary.names().getFirst().familiar())
                    .collect(Collectors.joining(", "));
            warnings.add(
                    "WARNING: layer " + damaged.diffId() + " is damaged: what was made of it cannot be run until it is"
                            + " pulled or loaded again (" + users + ")");
        }
        return warnings.isEmpty() ? null : warnings;
    }
}
