package dev.capas.container;

import dev.capas.container.ContainerInspect.GraphDriver;
import dev.capas.container.ContainerInspect.InspectedState;
import dev.capas.errdefs.EngineException;
import dev.capas.layer.Change;
import dev.capas.network.NetworkDefinition;
import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;

/** Tells all of one container. */
@Service
public class Inspection {
    private final Containers containers;
    private final Execs execs;
    private final Sizes sizes;
    private final Links links;

    Inspection(Containers containers, Sizes sizes, Execs execs, Links links) {
        this.links = links;
        this.execs = execs;
        this.containers = containers;
        this.sizes = sizes;
    }

    /**
     * A container as it is now.
     *
     * @param size whether its sizes are wanted
     * @throws EngineException if there is no such container
     */
    public ContainerInspect inspect(String name, boolean size) {
        Container container = containers.get(name);
        State state = container.state();
        ContainerConfig config = container.config();
        List<String> line = commandLine(config);
        Path directory = container.directory();
        boolean started = state.startedAt() != null || !state.error().isEmpty();
        Sizes.Size bytes = size ? measured(container) : null;
        return new ContainerInspect(
                container.id(),
                container.created(),
                line.isEmpty() ? "" : line.getFirst(),
                line.isEmpty() ? List.of() : line.subList(1, line.size()),
                InspectedState.of(state, container.health()),
                container.imageId().toString(),
                started ? directory.resolve("resolv.conf").toString() : "",
                started ? directory.resolve("hostname").toString() : "",
                started ? directory.resolve("hosts").toString() : "",
                started ? logPath(container) : "",
                "/" + container.name(),
                container.restartCount(),
                "overlay2",
                "linux",
                "",
                "",
                "",
                execs.idsOf(container),
                hostConfig(container),
                graphDriver(container),
                bytes == null ? null : bytes.readWrite(),
                bytes == null ? null : bytes.rootFs(),
                container.mounts().stream().map(MountPoint::shown).toList(),
                config,
                NetworkSettings.of(container));
    }

    /** As clients know it, for whom links have names. */
    private HostConfig hostConfig(Container container) {
        HostConfig config = container.hostConfig();
        List<String> linked = config.links();
        boolean shown =
                linked != null && !linked.isEmpty() && config.networkMode().equals(NetworkDefinition.DEFAULT_NETWORK);
        return shown
                ? config.with(fields -> fields.set(
                        "Links", Json.MAPPER.valueToTree(links.shown(container, Objects.requireNonNull(linked)))))
                : config;
    }

    /** What a container has changed of its image. */
    public List<Change> changes(String name) {
        Container container = containers.get(name);
        try {
            return container.readWriteLayer().changes();
        } catch (IOException e) {
            throw EngineException.system("cannot compare container " + container.id() + ": " + e.getMessage(), e);
        }
    }

    private Sizes.Size measured(Container container) {
        try {
            return sizes.of(container);
        } catch (IOException e) {
            throw EngineException.system("cannot measure container " + container.id() + ": " + e.getMessage(), e);
        }
    }

    /** The program and its arguments. */
    static List<String> commandLine(ContainerConfig config) {
        List<String> line = new ArrayList<>();
        if (config.entrypoint() != null) {
            line.addAll(config.entrypoint());
        }
        if (config.cmd() != null) {
            line.addAll(config.cmd());
        }
        return line;
    }

    private static GraphDriver graphDriver(Container container) {
        return new GraphDriver(
                Map.of(
                        "ID", container.id(),
                        "LowerDir", lowerDirectories(container),
                        "MergedDir", container.readWriteLayer().mountPoint().toString(),
                        "UpperDir", container.readWriteLayer().upper().toString(),
                        "WorkDir",
                                container
                                        .readWriteLayer()
                                        .upper()
                                        .resolveSibling("work")
                                        .toString()),
                "overlay2");
    }

    /** Empty where this place allows no mounts, which the lowest of them would need. */
    private static String lowerDirectories(Container container) {
        try {
            return container.readWriteLayer().lowers().stream()
                    .map(Path::toString)
                    .collect(Collectors.joining(":"));
        } catch (IOException e) {
            return "";
        }
    }

    /** Only the file of the driver json-file is shown to the world. */
    private static String logPath(Container container) {
        boolean shown = container.hostConfig().logConfig().type().equals(LogDriver.JSON_FILE);
        return shown ? String.valueOf(container.logPath()) : "";
    }
}
