package dev.capas.container;

import dev.capas.container.HostConfig.PortBinding;
import dev.capas.container.HostConfig.RestartPolicy;
import dev.capas.errdefs.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a {@link HostConfig} may say (dockerd's rules and words). */
final class HostConfigRules {
    private static final String CONTAINER = "container:";
    private static final Pattern PORT = Pattern.compile("\\d{1,5}(-\\d{1,5})?");
    private static final Pattern IP = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%\\w+)?");

    private HostConfigRules() {}

    /**
     * Checks a configuration that a container is to be created with.
     *
     * @return what is accepted and has no effect
     * @throws EngineException (400) for what cannot be right
     */
    static List<String> check(HostConfig host, ContainerConfig config) {
        List<String> warnings = new ArrayList<>();
        modes(host);
        network(host, config);
        if (!host.isolation().isEmpty() && !host.isolation().equalsIgnoreCase("default")) {
            throw EngineException.invalidParameter(
                    "invalid isolation (" + host.isolation() + "): linux only supports 'default'");
        }
        if (host.autoRemove() && hasRestartPolicy(host)) {
            throw EngineException.invalidParameter("can't create 'AutoRemove' container with restart policy");
        }
        optionsOfMounts(host);
        orEmpty(host.extraHosts()).forEach(HostConfigRules::extraHost);
        ports(host);
        restart(host.restartPolicy());
        if (host.annotations() != null && host.annotations().containsKey("")) {
            throw EngineException.invalidParameter(
                    "invalid Annotations: the empty string is not permitted as an annotation key");
        }
        if (host.shmSize() < 0) {
            throw EngineException.invalidParameter("SHM size can not be less than 0");
        }
        if (host.storageOpt() != null && !host.storageOpt().isEmpty()) {
            throw EngineException.system(
                    "--storage-opt is supported only for overlay over xfs with 'pquota' mount option", null);
        }
        ResourceRules.check(host, false, warnings);
        warn(host, warnings);
        if (!config.macAddress().isEmpty()) {
            warnings.add("The container-wide MacAddress field is now deprecated."
                    + " It should be specified in EndpointsConfig instead.");
        }
        return warnings;
    }

    /** Whether the container is started again by itself. */
    static boolean hasRestartPolicy(HostConfig host) {
        String name = host.restartPolicy().name();
        return !name.isEmpty() && !name.equals("no");
    }

    private static void modes(HostConfig host) {
        mode("IPC", host.ipcMode(), Set.of("", "none", "private", "shareable", "host"), true);
        mode("PID", host.pidMode(), Set.of("", "host"), false);
        mode("UTS", host.utsMode(), Set.of("", "host"), null);
        mode("cgroup namespace", host.cgroupnsMode(), Set.of("", "host", "private"), null);
    }

    /** The last one says whether an empty container name is right; null where containers are none of the choices. */
    private static void mode(String what, String mode, Set<String> known, @Nullable Boolean emptyNameAllowed) {
        boolean container = emptyNameAllowed != null
                && mode.startsWith(CONTAINER)
                && (emptyNameAllowed || mode.length() > CONTAINER.length());
        if (!container && !known.contains(mode)) {
            throw EngineException.invalidParameter("invalid " + what + " mode: " + mode);
        }
    }

    private static void network(HostConfig host, ContainerConfig config) {
        boolean joins = host.networkMode().startsWith(CONTAINER);
        if (host.networkMode().equals("container") || host.networkMode().equals(CONTAINER)) {
            throw EngineException.invalidParameter(
                    "invalid network mode: invalid container format container:<name|id>");
        }
        boolean hostname = !config.hostname().isEmpty();
        if (hostname && host.utsMode().equals("host")) {
            throw EngineException.invalidParameter("conflicting options: hostname and the UTS mode");
        }
        if (joins && hostname) {
            throw EngineException.invalidParameter("conflicting options: hostname and the network mode");
        }
        boolean links = !orEmpty(host.links()).isEmpty();
        if (joins && links) {
            throw EngineException.invalidParameter("conflicting options: container type network can't be used with"
                    + " links. This would result in undefined behavior");
        }
        if (host.networkMode().equals("host") && links) {
            throw EngineException.invalidParameter("conflicting options: host type networking can't be used with links."
                    + " This would result in undefined behavior");
        }
        if (!joins) {
            return;
        }
        refuse(!orEmpty(host.dns()).isEmpty(), "dns and the network mode");
        refuse(!orEmpty(host.extraHosts()).isEmpty(), "custom host-to-IP mapping and the network mode");
        refuse(
                host.portBindings() != null && !host.portBindings().isEmpty() || host.publishAllPorts(),
                "port publishing and the container type network mode");
        refuse(
                config.exposedPorts() != null && !config.exposedPorts().isEmpty(),
                "port exposing and the container type network mode");
    }

    private static void refuse(boolean conflict, String options) {
        if (conflict) {
            throw EngineException.invalidParameter("conflicting options: " + options);
        }
    }

    private static void optionsOfMounts(HostConfig host) {
        for (Mount mount : host.mounts() == null ? List.<Mount>of() : host.mounts()) {
            foreign(mount, "BindOptions", mount.bindOptions(), "bind");
            foreign(mount, "VolumeOptions", mount.volumeOptions(), "volume");
            foreign(mount, "TmpfsOptions", mount.tmpfsOptions(), "tmpfs");
        }
    }

    private static void foreign(Mount mount, String field, @Nullable Object options, String owner) {
        if (options != null && !mount.type().equals(owner)) {
            throw EngineException.invalidParameter(
                    field + " must not be specified on mount type \"" + mount.type() + "\"");
        }
    }

    private static void extraHost(String entry) {
        int colon = entry.indexOf(':');
        if (colon <= 0) {
            throw EngineException.invalidParameter("bad format for add-host: \"" + entry + "\"");
        }
        String address = entry.substring(colon + 1);
        if (!address.equals("host-gateway") && !isAddress(address)) {
            throw EngineException.invalidParameter("invalid IP address in add-host: \"" + address + "\"");
        }
    }

    private static boolean isAddress(String text) {
        if (!IP.matcher(text).matches()) {
            return false;
        }
        try {
            return java.net.InetAddress.ofLiteral(text) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void ports(HostConfig host) {
        if (host.portBindings() == null) {
            return;
        }
        for (Map.Entry<String, @Nullable List<PortBinding>> port :
                host.portBindings().entrySet()) {
            String number = port.getKey().replaceFirst("/.*", "");
            if (!number.isEmpty()) {
                port(number);
            }
            for (PortBinding binding : orEmpty(port.getValue())) {
                if (!binding.hostPort().isEmpty()) {
                    port(binding.hostPort());
                }
            }
        }
    }

    private static void port(String text) {
        boolean valid = PORT.matcher(text).matches();
        if (valid) {
            String[] ends = text.split("-");
            int first = Integer.parseInt(ends[0]);
            int last = Integer.parseInt(ends[ends.length - 1]);
            valid = first <= last && last <= 65_535;
        }
        if (!valid) {
            throw EngineException.invalidParameter("invalid port specification: \"" + text + "\"");
        }
    }

    /**
     * Checks a restart policy.
     *
     * @throws EngineException (400) for what cannot be right
     */
    static void restart(RestartPolicy policy) {
        switch (policy.name()) {
            case "", "no", "always", "unless-stopped" -> {
                if (policy.maximumRetryCount() != 0) {
                    throw EngineException.invalidParameter("invalid restart policy: maximum retry count can only be"
                            + " used with 'on-failure'"
                            + (policy.maximumRetryCount() < 0 ? " and cannot be negative" : ""));
                }
            }
            case "on-failure" -> {
                if (policy.maximumRetryCount() < 0) {
                    throw EngineException.invalidParameter(
                            "invalid restart policy: maximum retry count cannot be negative");
                }
            }
            default ->
                throw EngineException.invalidParameter("invalid restart policy: unknown policy '" + policy.name()
                        + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
        }
    }

    private static void warn(HostConfig host, List<String> warnings) {
        if (orEmpty(host.mounts()).stream().anyMatch(mount -> mount.type().equals("image"))) {
            warnings.add("Image mount is an experimental feature");
        }
        boolean publishes = host.publishAllPorts()
                || host.portBindings() != null
                        && host.portBindings().values().stream()
                                .anyMatch(bindings -> bindings != null && !bindings.isEmpty());
        if (publishes && host.networkMode().equals("host")) {
            warnings.add("Published ports are discarded when using host network mode");
        }
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
