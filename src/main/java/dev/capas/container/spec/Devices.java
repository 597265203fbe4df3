package dev.capas.container.spec;

import dev.capas.container.HostConfig;
import dev.capas.container.HostConfig.DeviceMapping;
import dev.capas.container.HostConfig.DeviceRequest;
import dev.capas.errdefs.EngineException;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import dev.capas.runtime.Spec.Device;
import dev.capas.runtime.Spec.DeviceRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The device nodes of a container and what its device controller lets through.
 *
 * @param nodes beside those that the OCI runtime makes in every container
 * @param rules in order, the last that matches counts
 */
record Devices(List<Device> nodes, List<DeviceRule> rules) {
    /** None but zero, null, urandom, random, tty and console. */
    private static final List<DeviceRule> DEFAULT_RULES = List.of(
            new DeviceRule(false, null, null, null, "rwm"),
            character(true, 1, 5),
            character(true, 1, 3),
            character(true, 1, 9),
            character(true, 1, 8),
            character(true, 5, 0),
            character(true, 5, 1),
            character(false, 10, 229));

    private static final Pattern RULE = Pattern.compile("([acb]) ([0-9]+|\\*):([0-9]+|\\*) ([rwm]{1,3})");
    private static final Path HOST = Path.of("/dev");
    /** Directories of the host's {@code /dev} that hold no devices of the host. */
    private static final Set<String> NOT_THE_HOSTS =
            Set.of("pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev");

    /**
     * Of a container that is about to start.
     *
     * @throws EngineException for devices that are not there and requests that no driver of this engine serves
     */
    static Devices of(HostConfig config) throws IOException {
        for (DeviceRequest request :
                config.deviceRequests() == null ? List.<DeviceRequest>of() : config.deviceRequests()) {
            throw unserved(request);
        }
        List<Device> nodes = new ArrayList<>();
        List<DeviceRule> rules = new ArrayList<>(DEFAULT_RULES);
        List<DeviceMapping> mappings = config.devices() == null ? List.of() : config.devices();
        if (config.privileged()) {
            nodes.addAll(below(HOST, "/dev"));
            for (DeviceMapping mapping : mappings) {
                if (!mapping.pathOnHost().equals(mapping.pathInContainer())) {
                    nodes.addAll(mapped(mapping));
                }
            }
            rules.add(new DeviceRule(true, null, null, null, "rwm"));
        } else {
            for (DeviceMapping mapping : mappings) {
                for (Device node : mapped(mapping)) {
                    nodes.add(node);
                    rules.add(
                            new DeviceRule(true, node.type(), node.major(), node.minor(), mapping.cgroupPermissions()));
                }
            }
            for (String rule : config.deviceCgroupRules() == null ? List.<String>of() : config.deviceCgroupRules()) {
                rules.add(rule(rule));
            }
        }
        return new Devices(List.copyOf(nodes), List.copyOf(rules));
    }

    private static DeviceRule rule(String text) {
        Matcher matcher = RULE.matcher(text);
        if (!matcher.matches()) {
            throw EngineException.system("invalid device cgroup rule format: '" + text + "'", null);
        }
        return new DeviceRule(
                true, matcher.group(1), number(matcher.group(2)), number(matcher.group(3)), matcher.group(4));
    }

    private static long number(String text) {
        return text.equals("*") ? -1 : Long.parseLong(text);
    }

    private static DeviceRule character(boolean allow, long major, long minor) {
        return new DeviceRule(allow, "c", major, minor, "rwm");
    }

    private static List<Device> mapped(DeviceMapping mapping) throws IOException {
        Path host = Path.of("/").resolve(mapping.pathOnHost());
        @Nullable String reason = "not a device node";
        try {
            @Nullable Device device = device(host, mapping.pathInContainer());
            if (device != null) {
                return List.of(device);
            }
            if (Files.isDirectory(host)) {
                List<Device> devices = below(host.toRealPath(), mapping.pathInContainer());
                if (!devices.isEmpty()) {
                    return devices;
                }
            }
        } catch (LinuxException e) {
            reason = e.reason();
        }
        throw EngineException.system(
                "error gathering device information while adding custom device \"" + mapping.pathOnHost() + "\": "
                        + reason,
                null);
    }

    private static List<Device> below(Path directory, String inContainer) throws IOException {
        List<Device> devices = new ArrayList<>();
        List<Path> entries;
        try (Stream<Path> listing = Files.list(directory)) {
            entries = listing.sorted().toList();
        }
        for (Path entry : entries) {
            String name = entry.getFileName().toString();
            if (Files.isSymbolicLink(entry) || entry.equals(HOST.resolve("console"))) {
                continue;
            }
            if (!Files.isDirectory(entry)) {
                @Nullable Device device = device(entry, inContainer + '/' + name);
                if (device != null) {
                    devices.add(device);
                }
            } else if (!directory.equals(HOST) || !NOT_THE_HOSTS.contains(name)) {
                devices.addAll(below(entry, inContainer + '/' + name));
            }
        }
        return devices;
    }

    /** Null for what is no device. */
    private static @Nullable Device device(Path path, String inContainer) throws LinuxException {
        Stat stat;
        try (Fd fd = Fd.open(path, Fd.O_PATH, 0)) {
            stat = fd.stat();
        }
        @Nullable
        String type = switch (stat.type()) {
            case Stat.CHARACTER_DEVICE -> "c";
            case Stat.BLOCK_DEVICE -> "b";
            default -> null;
        };
        return type == null
                ? null
                : new Device(
                        inContainer,
                        type,
                        stat.rdevMajor(),
                        stat.rdevMinor(),
                        stat.permissions(),
                        stat.uid(),
                        stat.gid());
    }

    private static EngineException unserved(DeviceRequest request) {
        if (request.driver().equals("cdi")) {
            return EngineException.system(
                    "CDI device injection failed: unresolvable CDI devices "
                            + String.join(", ", request.deviceIds() == null ? List.of() : request.deviceIds()),
                    null);
        }
        StringBuilder capabilities = new StringBuilder("[");
        for (List<String> set : request.capabilities() == null ? List.<List<String>>of() : request.capabilities()) {
            capabilities
                    .append(capabilities.length() > 1 ? " [" : "[")
                    .append(String.join(" ", set))
                    .append(']');
        }
        return EngineException.system(
                "could not select device driver \"" + request.driver() + "\" with capabilities: " + capabilities + ']',
                null);
    }
}
