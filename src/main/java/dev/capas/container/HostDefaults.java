package dev.capas.container;

import dev.capas.container.spec.Latest;
import dev.capas.container.spec.SpecFactory;
import dev.capas.oci.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The engine's defaults, and then Docker's, for what a {@link HostConfig} does not say. */
@Component
class HostDefaults {
    private static final long SHM_SIZE = 64L << 20;
    private static final HostConfig NOTHING = Json.MAPPER.readValue("{}", HostConfig.class);

    private final Latest<HostConfig, HostConfig> complete = new Latest<>();
    private final String runtime;
    private final ContainerDefaults engine;
    private final boolean unified = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));

    HostDefaults(@Value("${capas.default-runtime:crun}") String runtime, ObjectProvider<ContainerDefaults> engine) {
        this.runtime = runtime;
        this.engine = engine.getIfAvailable(() -> ContainerDefaults.NONE);
    }

    /** A configuration that says nothing. */
    static HostConfig nothing() {
        return NOTHING;
    }

    /** The configuration with every default in its place. */
    HostConfig apply(HostConfig asked) {
        HostConfig given = engine.fill(asked);
        return complete.get(given, this::complete);
    }

    private HostConfig complete(HostConfig given) {
        boolean privileged = given.privileged();
        return given.with(fields -> {
            ResourceRules.discard(fields);
            fields.put("NetworkMode", network(given.networkMode()));
            fields.put("IpcMode", either(given.ipcMode(), "private"));
            fields.put("CgroupnsMode", either(given.cgroupnsMode(), unified && !privileged ? "private" : "host"));
            fields.put("Runtime", either(given.runtime(), runtime));
            fields.put("ShmSize", given.shmSize() == 0 ? SHM_SIZE : given.shmSize());
            fields.set(
                    "RestartPolicy",
                    Json.MAPPER.valueToTree(new HostConfig.RestartPolicy(
                            either(given.restartPolicy().name(), "no"),
                            given.restartPolicy().maximumRetryCount())));
            fields.set("LogConfig", Json.MAPPER.valueToTree(log(given.logConfig())));
            if (given.memory() > 0 && given.memorySwap() == 0) {
                fields.put("MemorySwap", given.memory() * 2);
            }
            if (given.memorySwappiness() != null && given.memorySwappiness() == -1) {
                fields.putNull("MemorySwappiness");
            }
            if (given.pidsLimit() != null && given.pidsLimit() <= 0) {
                fields.putNull("PidsLimit");
            }
            if (given.oomKillDisable() == null) {
                fields.put("OomKillDisable", false);
            }
            if (unlabelled(given)) {
                fields.set("SecurityOpt", Json.MAPPER.valueToTree(List.of("label=disable")));
            }
            if (!privileged) {
                fields.set(
                        "MaskedPaths", Json.MAPPER.valueToTree(either(given.maskedPaths(), SpecFactory.MASKED_PATHS)));
                fields.set(
                        "ReadonlyPaths",
                        Json.MAPPER.valueToTree(either(given.readonlyPaths(), SpecFactory.READONLY_PATHS)));
            }
        });
    }

    /** SELinux would keep it from what it shares with the host. */
    private static boolean unlabelled(HostConfig given) {
        return (given.privileged()
                        || given.pidMode().equals("host")
                        || given.ipcMode().equals("host"))
                && (given.securityOpt() == null || given.securityOpt().isEmpty());
    }

    private static String network(String mode) {
        return mode.isEmpty() || mode.equals("default") ? "bridge" : mode;
    }

    private static HostConfig.LogConfig log(HostConfig.LogConfig given) {
        return new HostConfig.LogConfig(
                either(given.type(), LogDriver.JSON_FILE), given.config() == null ? Map.of() : given.config());
    }

    private static String either(String given, String otherwise) {
        return given.isEmpty() ? otherwise : given;
    }

    private static <T> List<T> either(@Nullable List<T> given, List<T> otherwise) {
        return given == null ? otherwise : given;
    }
}
