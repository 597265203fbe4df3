package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import dev.capas.filter.Mapped;
import dev.capas.image.ImageNames;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Service;

/** Lists containers. */
@Service
public class ContainerList {
    private static final Sizes.Size NOT_ASKED = new Sizes.Size(0, 0);

    private final Containers containers;
    private final ContainerFilter filter;
    private final ImageNames images;
    private final Sizes sizes;

    ContainerList(Containers containers, ContainerFilter filter, ImageNames images, Sizes sizes) {
        this.containers = containers;
        this.filter = filter;
        this.images = images;
        this.sizes = sizes;
    }

    /**
     * The containers that are wanted, latest first.
     *
     * @param all whether also those that do not run
     * @param limit how many at most, be they running or not; 0 or less for no limit
     * @param size whether their sizes are wanted
     * @throws EngineException if a filter is unknown or has a wrong value
     */
    public List<ContainerSummary> list(Filters filters, boolean all, int limit, boolean size) {
        Stream<Container> found = filter.apply(filters, containers.all(), all || limit > 0);
        List<Container> chosen = (limit > 0 ? found.limit(limit) : found).toList();
        Map<String, Sizes.Size> measured = size ? sizes.of(chosen) : Map.of();
        Instant now = Instant.now();
        Map<ImageNames.Origin, String> names =
                images.shown(chosen.stream().map(ContainerList::origin).collect(Collectors.toSet()));
        return Mapped.of(
                chosen,
                container -> summary(
                        container,
                        names.getOrDefault(origin(container), container.image()),
                        measured.getOrDefault(container.id(), NOT_ASKED),
                        now));
    }

    private static ImageNames.Origin origin(Container container) {
        return new ImageNames.Origin(container.image(), container.imageId());
    }

    private ContainerSummary summary(Container container, String image, Sizes.Size size, Instant now) {
        State state = container.state();
        HostConfig host = container.hostConfig();
        return new ContainerSummary(
                container.id(),
                List.of("/" + container.name()),
                image,
                container.imageId().toString(),
                command(container.config()),
                container.created().getEpochSecond(),
                ports(container),
                size.readWrite(),
                size.rootFs(),
                Objects.requireNonNullElse(container.config().labels(), Map.of()),
                state.status().text(),
                StatusText.of(state, container.health(), now),
                new ContainerSummary.Host(host.networkMode(), host.annotations()),
                new ContainerSummary.Networks(container
                        .networks()
                        .mapped((name, settings) -> settings.listed())
                        .endpoints()),
                container.mounts().stream().map(MountPoint::shown).toList());
    }

    private static String command(ContainerConfig config) {
        return Inspection.commandLine(config).stream()
                .map(word -> word.contains(" ") ? "'" + word + "'" : word)
                .collect(Collectors.joining(" "));
    }

    private static List<ContainerSummary.Port> ports(Container container) {
        if (container.task().isEmpty() || !container.networks().bridged()) {
            return List.of();
        }
        List<ContainerSummary.Port> ports = new ArrayList<>();
        PortMap.shown(container)
                .forEach((text, bindings) -> PortMap.Port.parse(text).forEach(port -> {
                    if (bindings == null) {
                        ports.add(new ContainerSummary.Port("", port.number(), 0, port.protocol()));
                    } else {
                        bindings.forEach(binding -> ports.add(new ContainerSummary.Port(
                                binding.hostIp(),
                                port.number(),
                                Integer.parseInt(binding.hostPort()),
                                port.protocol())));
                    }
                }));
        return ports;
    }
}
