package dev.capas.container;

import dev.capas.home.EngineHome;
import dev.capas.layer.LayerStore;
import dev.capas.layer.ReadWriteLayer;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import dev.capas.runtime.ContainerRuntime;
import dev.capas.runtime.Task;
import java.nio.file.Path;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.core.type.TypeReference;

/** Keeps containers as rows. Whoever changes a container saves it before anybody is told. */
@Component
class ContainerStore {
    private static final TypeReference<List<MountPoint>> MOUNTS = new TypeReference<>() {};

    private final ContainerRows rows;
    private final LayerStore layers;
    private final ContainerRuntime runtime;
    private final Path directory;

    ContainerStore(ContainerRows rows, LayerStore layers, ContainerRuntime runtime, EngineHome home) {
        this.rows = rows;
        this.layers = layers;
        this.runtime = runtime;
        this.directory = home.dataRoot().resolve("containers");
    }

    /** A container of an earlier run of the daemon, with the row that has its processes. */
    record Loaded(Container container, ContainerRow row) {}

    /** The directory of all containers. */
    Path directory() {
        return directory;
    }

    /** Where a container lies. */
    Path directory(String id) {
        return directory.resolve(id);
    }

    /** Those of earlier runs. A row without a read-write layer is what a crash left of a removal, and goes. */
    @Transactional
    List<Loaded> load() {
        List<Loaded> found = new java.util.ArrayList<>();
        for (ContainerRow row : rows.findAll()) {
            layers.readWriteLayer(row.getId())
                    .ifPresentOrElse(
                            layer -> found.add(new Loaded(container(row, layer), row)), () -> rows.delete(row));
        }
        return found;
    }

    private Container container(ContainerRow row, ReadWriteLayer layer) {
        ContainerConfig config = Json.MAPPER.readValue(row.config, ContainerConfig.class);
        Container container = new Container(
                new Container.Identity(
                        row.getId(),
                        row.created(),
                        new Digest(row.image),
                        config,
                        Json.MAPPER.readValue(row.mounts, MOUNTS),
                        directory(row.getId())),
                row.name,
                Json.MAPPER.readValue(row.hostConfig, HostConfig.class),
                layer,
                runtime.newHub(config.tty(), config.openStdin(), config.stdinOnce()));
        container.setState(row.state());
        container.setRestartCount(row.restartCount);
        container.setStoppedByHand(row.stoppedByHand);
        return container;
    }

    /** Inserts its row; joins the transaction that runs. */
    @Transactional
    void insert(Container container) {
        ContainerRow row = new ContainerRow(
                container.id(),
                container.created(),
                container.imageId().hex(),
                Json.MAPPER.writeValueAsString(container.config()),
                Json.MAPPER.writeValueAsString(container.mounts()));
        fill(row, container);
        rows.save(row);
    }

    /** Writes what may change of it. */
    @Transactional
    void save(Container container) {
        rows.findById(container.id()).ifPresent(row -> fill(row, container));
    }

    private static void fill(ContainerRow row, Container container) {
        row.name = container.name();
        row.hostConfig = Json.MAPPER.writeValueAsString(container.hostConfig());
        row.setState(container.state());
        row.restartCount = container.restartCount();
        row.stoppedByHand = container.stoppedByHand();
        row.setProcesses(
                container.task().map(Task::init).orElse(null),
                container.task().map(Task::conmon).orElse(null));
    }

    /** Deletes its row; joins the transaction that runs. */
    @Transactional
    void delete(Container container) {
        rows.deleteById(container.id());
    }
}
