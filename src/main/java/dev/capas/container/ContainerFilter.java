package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import dev.capas.image.Image;
import dev.capas.image.Images;
import dev.capas.oci.Digest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The filters of {@code GET /containers/json}. */
@Component
class ContainerFilter {
    private static final Set<String> HEALTH = Set.of("none", "starting", "healthy", "unhealthy");

    private final Containers containers;
    private final Images images;

    ContainerFilter(Containers containers, Images images) {
        this.containers = containers;
        this.images = images;
    }

    /**
     * Those that pass.
     *
     * @param latestFirst all containers
     * @param all whether also those that do not run, where no filter says it
     * @throws EngineException if a filter is unknown or has a wrong value
     */
    Stream<Container> apply(Filters filters, List<Container> latestFirst, boolean all) {
        filters.accept(
                "ancestor",
                "before",
                "exited",
                "expose",
                "health",
                "id",
                "isolation",
                "is-task",
                "label",
                "name",
                "network",
                "publish",
                "since",
                "status",
                "volume");
        checkStates(filters);
        checkPorts(filters, "expose");
        checkPorts(filters, "publish");
        boolean stoppedToo = all || filters.contains("status");
        boolean tasks = filters.getBoolean("is-task", false);
        Predicate<Container> wanted = container -> !tasks
                && (stoppedToo || container.state().running())
                && filters.matchPrefix("id", container.id())
                && name(filters, container)
                && filters.matchPairs(
                        "label", Objects.requireNonNullElse(container.config().labels(), Map.of()))
                && filters.matchExact("status", container.state().status().text())
                && exited(filters, container)
                && filters.matchExact("health", health(container))
                && network(filters, container)
                && volume(filters, container)
                && ports(filters, container);
        return latestFirst.stream()
                .filter(wanted.and(time(filters, "before", true))
                        .and(time(filters, "since", false))
                        .and(ancestor(filters)));
    }

    private static void checkStates(Filters filters) {
        Set<String> states = new TreeSet<>();
        Arrays.stream(State.Status.values()).forEach(status -> states.add(status.text()));
        for (String status : filters.get("status")) {
            if (!states.contains(status)) {
                throw EngineException.invalidParameter("invalid filter 'status=" + status
                        + "': invalid value for state (" + status
                        + "): must be one of created, running, paused, restarting, removing, exited, dead");
            }
        }
        for (String health : filters.get("health")) {
            if (!HEALTH.contains(health)) {
                throw EngineException.invalidParameter("invalid filter 'health=" + health
                        + "': invalid value for health (" + health
                        + "): must be one of none, starting, healthy, unhealthy");
            }
        }
        for (String code : filters.get("exited")) {
            try {
                Integer.parseInt(code);
            } catch (NumberFormatException e) {
                throw EngineException.invalidParameter(
                        "invalid filter 'exited=" + code + "': strconv.Atoi: parsing \"" + code + "\": invalid syntax");
            }
        }
    }

    private static void checkPorts(Filters filters, String filter) {
        for (String port : filters.get(filter)) {
            for (String end : port.replaceFirst("/.*", "").split("-", -1)) {
                if (end.isEmpty() || !end.chars().allMatch(c -> c >= '0' && c <= '9')) {
                    throw EngineException.system(
                            "error while looking up for " + filter + " " + port + ": strconv.ParseUint: parsing \""
                                    + end + "\": invalid syntax",
                            null);
                }
            }
        }
    }

    private static boolean name(Filters filters, Container container) {
        return filters.matchRegex("name", "/" + container.name()) || filters.matchRegex("name", container.name());
    }

    private static String health(Container container) {
        Health health = container.health();
        return health == null ? "none" : health.status().text();
    }

    private static boolean exited(Filters filters, Container container) {
        State state = container.state();
        return filters.get("exited").isEmpty()
                || !state.running()
                        && state.startedAt() != null
                        && filters.get("exited").stream().anyMatch(code -> Integer.parseInt(code) == state.exitCode());
    }

    private static boolean network(Filters filters, Container container) {
        return filters.get("network").isEmpty()
                || container.networks().endpoints().entrySet().stream()
                        .anyMatch(each -> filters.matchExact("network", each.getKey())
                                || filters.matchExact("network", each.getValue().networkId()));
    }

    private static boolean volume(Filters filters, Container container) {
        return filters.get("volume").isEmpty()
                || container.mounts().stream()
                        .anyMatch(mount -> filters.matchExact("volume", mount.destination())
                                || filters.matchExact("volume", mount.name()));
    }

    private static boolean ports(Filters filters, Container container) {
        Map<String, Map<String, Object>> exposed = container.config().exposedPorts();
        return port(filters.get("expose"), exposed == null ? Set.of() : exposed.keySet())
                && port(filters.get("publish"), published(container));
    }

    /** Ports of the host. */
    private static Set<String> published(Container container) {
        return container.networks().published().stream()
                .map(port -> port.hostPort() + "/" + port.protocol())
                .collect(Collectors.toSet());
    }

    private static boolean port(List<String> wanted, Set<String> ports) {
        return wanted.isEmpty() || wanted.stream().anyMatch(spec -> matches(spec, ports));
    }

    private static boolean matches(String spec, Set<String> ports) {
        String[] parts = spec.split("/", 2);
        String protocol = parts.length < 2 ? "tcp" : parts[1];
        String[] ends = parts[0].split("-");
        int first = Integer.parseInt(ends[0]);
        int last = Integer.parseInt(ends[ends.length - 1]);
        return ports.stream().anyMatch(port -> {
            for (int number = first; number <= last; number++) {
                if (port.equals(number + "/" + protocol)) {
                    return true;
                }
            }
            return false;
        });
    }

    private Predicate<Container> time(Filters filters, String filter, boolean before) {
        List<String> names = filters.get(filter);
        if (names.isEmpty()) {
            return container -> true;
        }
        Container mark = containers.get(names.getLast());
        return container -> before
                ? container.created().isBefore(mark.created())
                : container.created().isAfter(mark.created());
    }

    private Predicate<Container> ancestor(Filters filters) {
        List<String> names = filters.get("ancestor");
        if (names.isEmpty()) {
            return container -> true;
        }
        Set<Digest> wanted = new TreeSet<>();
        for (String name : names) {
            Image image = find(name);
            if (image != null) {
                wanted.add(image.id());
            }
        }
        return container -> wanted.contains(container.imageId()) || descends(container.imageId(), wanted);
    }

    private boolean descends(Digest image, Set<Digest> wanted) {
        @Nullable Digest parent = images.find(image).map(Image::parent).orElse(null);
        while (parent != null) {
            if (wanted.contains(parent)) {
                return true;
            }
            parent = images.find(parent).map(Image::parent).orElse(null);
        }
        return false;
    }

    private @Nullable Image find(String name) {
        try {
            return images.resolve(name);
        } catch (EngineException e) {
            return null;
        }
    }
}
