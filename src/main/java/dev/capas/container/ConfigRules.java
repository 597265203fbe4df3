package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.linux.Signals;
import dev.capas.oci.RunConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a {@link ContainerConfig} may say, and what it takes from its image (dockerd's rules and words). */
final class ConfigRules {
    private static final long MILLISECOND = 1_000_000;

    private ConfigRules() {}

    /**
     * Checks what does not depend on the image.
     *
     * @throws EngineException (400) for what cannot be right
     */
    static void check(ContainerConfig config) {
        if (!config.workingDir().isEmpty() && !config.workingDir().startsWith("/")) {
            throw EngineException.invalidParameter(
                    "the working directory '" + config.workingDir() + "' is invalid, it needs to be an absolute path");
        }
        if (!config.stopSignal().isEmpty()
                && Signals.number(config.stopSignal()).isEmpty()) {
            throw EngineException.invalidParameter("invalid signal: " + config.stopSignal());
        }
        for (String variable : orEmpty(config.env())) {
            if (variable.isEmpty() || variable.startsWith("=")) {
                throw EngineException.invalidParameter("invalid environment variable: " + variable);
            }
        }
        if (config.healthcheck() != null) {
            check(config.healthcheck());
        }
    }

    private static void check(RunConfig.Health health) {
        atLeastMillisecond("Interval", health.interval());
        atLeastMillisecond("Timeout", health.timeout());
        if (health.retries() != null && health.retries() < 0) {
            throw EngineException.invalidParameter("Retries in Healthcheck cannot be negative");
        }
        atLeastMillisecond("StartPeriod", health.startPeriod());
        atLeastMillisecond("StartInterval", health.startInterval());
    }

    private static void atLeastMillisecond(String field, @Nullable Long nanoseconds) {
        if (nanoseconds != null && nanoseconds < MILLISECOND) {
            throw EngineException.invalidParameter(field + " in Healthcheck cannot be less than 1ms");
        }
    }

    /**
     * Fills in what the image says, and the hostname.
     *
     * @throws EngineException (400) if neither of them says what to run
     */
    static ContainerConfig merge(ContainerConfig config, RunConfig image, String hostname) {
        List<String> cmd = config.cmd();
        List<String> entrypoint = config.entrypoint();
        boolean argsEscaped = config.argsEscaped();
        if (isEmpty(entrypoint)) {
            if (isEmpty(cmd)) {
                cmd = image.cmd();
                argsEscaped = Boolean.TRUE.equals(image.argsEscaped());
            }
            if (entrypoint == null) {
                entrypoint = image.entrypoint();
            }
        }
        if (entrypoint != null
                && entrypoint.size() == 1
                && entrypoint.getFirst().isEmpty()) {
            entrypoint = null;
        }
        if (isEmpty(entrypoint) && isEmpty(cmd)) {
            throw EngineException.invalidParameter("no command specified");
        }
        return new ContainerConfig(
                config.hostname().isEmpty() ? hostname : config.hostname(),
                config.domainname(),
                either(config.user(), image.user()),
                config.attachStdin(),
                config.attachStdout(),
                config.attachStderr(),
                union(config.exposedPorts(), image.exposedPorts()),
                config.tty(),
                config.openStdin(),
                config.stdinOnce(),
                environment(config.env(), image.env()),
                cmd,
                merge(config.healthcheck(), image.healthcheck()),
                argsEscaped,
                config.image(),
                union(config.volumes(), image.volumes()),
                clean(either(config.workingDir(), image.workingDir())),
                entrypoint,
                config.networkDisabled(),
                "",
                config.onBuild(),
                Objects.requireNonNullElse(union(config.labels(), image.labels()), Map.of()),
                either(config.stopSignal(), image.stopSignal()),
                config.stopTimeout(),
                config.shell());
    }

    private static @Nullable List<String> environment(@Nullable List<String> own, @Nullable List<String> image) {
        if (isEmpty(own)) {
            return image == null ? own : image;
        }
        List<String> merged = new ArrayList<>(own);
        List<String> names = own.stream().map(ConfigRules::variable).toList();
        orEmpty(image).stream()
                .filter(entry -> !names.contains(variable(entry)))
                .forEach(merged::add);
        return merged;
    }

    private static String variable(String entry) {
        int equals = entry.indexOf('=');
        return equals < 0 ? entry : entry.substring(0, equals);
    }

    private static RunConfig.@Nullable Health merge(RunConfig.@Nullable Health own, RunConfig.@Nullable Health image) {
        if (own == null || image == null) {
            return own == null ? image : own;
        }
        return new RunConfig.Health(
                said(own.test(), image.test()),
                said(own.interval(), image.interval()),
                said(own.timeout(), image.timeout()),
                said(own.startPeriod(), image.startPeriod()),
                said(own.startInterval(), image.startInterval()),
                said(own.retries(), image.retries()));
    }

    private static <T> @Nullable T said(@Nullable T own, @Nullable T image) {
        return own == null ? image : own;
    }

    private static String either(String own, @Nullable String image) {
        return own.isEmpty() && image != null ? image : own;
    }

    private static <V> @Nullable Map<String, V> union(@Nullable Map<String, V> own, @Nullable Map<String, V> image) {
        if (image == null || image.isEmpty()) {
            return own;
        }
        Map<String, V> union = new TreeMap<>(image);
        if (own != null) {
            union.putAll(own);
        }
        return union;
    }

    private static String clean(String path) {
        return path.isEmpty() ? path : java.nio.file.Path.of(path).normalize().toString();
    }

    private static boolean isEmpty(@Nullable List<String> list) {
        return list == null || list.isEmpty();
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
