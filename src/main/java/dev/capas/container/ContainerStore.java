package dev.capas.container;

import dev.capas.home.EngineHome;
import dev.capas.image.ImageUse;
import dev.capas.layer.LayerStore;
import dev.capas.layer.ReadWriteLayer;
import dev.capas.linux.TopDirectory;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import dev.capas.runtime.ContainerRuntime;
import dev.capas.runtime.ProcessIdentity;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.SimplePropertyRowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;

/** Keeps containers as rows. Whoever changes a container saves it before anybody is told. */
@Component
class ContainerStore {
    private static final TypeReference<List<MountPoint>> MOUNTS = new TypeReference<>() {};
    private static final RowMapper<ContainerRow> ROW = new SimplePropertyRowMapper<>(ContainerRow.class);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final LayerStore layers;
    private final ImageUse imageUse;
    private final ContainerRuntime runtime;
    private final Path directory;

    ContainerStore(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            LayerStore layers,
            ImageUse imageUse,
            ContainerRuntime runtime,
            EngineHome home)
            throws IOException {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.layers = layers;
        this.imageUse = imageUse;
        this.runtime = runtime;
        this.directory = TopDirectory.create(home.dataRoot().resolve("containers"));
    }

    /** A container of an earlier run of the daemon, with the processes that it had then. */
    record Loaded(
            Container container,
            @Nullable ProcessIdentity init,
            @Nullable ProcessIdentity conmon) {}

    /** The directory of all containers. */
    Path directory() {
        return directory;
    }

    /** Where a container lies. */
    Path directory(String id) {
        return directory.resolve(id);
    }

    /**
     * Those of earlier runs, by a number of statements that does not depend on how many there are. A row without a read-write layer is what
     * a crash left of a removal, and goes.
     */
    List<Loaded> load() {
        Map<String, Health> health = health();
        Map<String, ReadWriteLayer> readWrite = layers.readWriteLayers();
        Settings settings = new Settings(new HashMap<>(), new HashMap<>());
        List<Loaded> found = new ArrayList<>();
        List<String> halfRemoved = new ArrayList<>();
        jdbc.sql("select * from container").query((RowCallbackHandler) result -> {
            ContainerRow row = ROW.mapRow(result, 0);
            ReadWriteLayer layer = readWrite.get(row.id());
            if (layer == null) {
                halfRemoved.add(row.id());
            } else {
                found.add(new Loaded(container(row, layer, health.get(row.id()), settings), row.init(), row.conmon()));
            }
        });
        for (String id : halfRemoved) {
            jdbc.sql("delete from container where id = ?").param(id).update();
        }
        return found;
    }

    private Map<String, Health> health() {
        Map<String, Health> found = new HashMap<>();
        jdbc.sql("select container, health from container_health").query((RowCallbackHandler)
                row -> found.put(row.getString(1), Json.MAPPER.readValue(row.getString(2), Health.class)));
        return found;
    }

    /** What thousands of containers have alike is read and kept once. */
    private record Settings(Map<String, HostConfig> hosts, Map<String, ContainerNetworks> networks) {
        HostConfig host(String json) {
            return hosts.computeIfAbsent(json, text -> Json.MAPPER.readValue(text, HostConfig.class));
        }

        ContainerNetworks network(String json) {
            return networks.computeIfAbsent(json, text -> Json.MAPPER.readValue(text, ContainerNetworks.class));
        }
    }

    private Container container(ContainerRow row, ReadWriteLayer layer, @Nullable Health health, Settings settings) {
        ContainerConfig config = Json.MAPPER.readValue(row.config, ContainerConfig.class);
        Container container = new Container(
                new Container.Identity(
                        row.id(),
                        row.created(),
                        new Digest(row.image),
                        config,
                        Json.MAPPER.readValue(row.mounts, MOUNTS),
                        directory(row.id())),
                row.name,
                settings.host(row.hostConfig),
                layer,
                runtime.newHub(config.tty(), config.openStdin(), config.stdinOnce()));
        ContainerNetworks networks = settings.network(row.networks);
        container.setNetworks(networks);
        container.networksSaved(networks);
        container.setState(row.state());
        container.setRestartCount(row.restartCount);
        container.setStoppedByHand(row.stoppedByHand);
        container.setHealth(health);
        return container;
    }

    /** Inserts its row; joins the transaction that runs. */
    void insert(Container container) {
        ContainerRow row = new ContainerRow(
                container.id(),
                container.created(),
                container.imageId().hex(),
                Json.MAPPER.writeValueAsString(container.config()),
                Json.MAPPER.writeValueAsString(container.mounts()));
        row.name = container.name();
        row.hostConfig = Json.MAPPER.writeValueAsString(container.hostConfig());
        ContainerNetworks networks = container.networks();
        row.networks = Json.MAPPER.writeValueAsString(networks);
        jdbc.sql("""
                        insert into container (id, name, created, image, config, host_config, mounts, networks, status, exit_code, error,
                        oom_killed, started, finished, restart_count, stopped_by_hand, boot_id, init_pid, init_started, conmon_pid,
                        conmon_started) values (:id, :name, :created, :image, :config, :hostConfig, :mounts, :networks, :status,
                        :exitCode, :error, :oomKilled, :started, :finished, :restartCount, :stoppedByHand, :bootId, :initPid, :initStarted,
                        :conmonPid, :conmonStarted)""")
                .params(withState(row, container, container.state()).columns())
                .update();
        container.networksSaved(networks);
    }

    /** Writes its state, and its networks where they have changed. */
    void save(Container container) {
        save(container, container.state());
    }

    /** Writes the state that it is about to have, and its networks where they have changed. */
    void save(Container container, State state) {
        ContainerNetworks networks = container.networks();
        boolean changed = container.networksChanged();
        ContainerRow row = withState(new ContainerRow(container.id()), container, state);
        row.networks = changed ? Json.MAPPER.writeValueAsString(networks) : "";
        jdbc.sql("update container set " + (changed ? "networks = :networks, " : "") + """
                        status = :status, exit_code = :exitCode, error = :error, oom_killed = :oomKilled,
                        started = :started, finished = :finished, restart_count = :restartCount, stopped_by_hand = :stoppedByHand,
                        boot_id = :bootId, init_pid = :initPid, init_started = :initStarted, conmon_pid = :conmonPid,
                        conmon_started = :conmonStarted where id = :id""")
                .params(row.columns())
                .update();
        container.networksSaved(networks);
    }

    /** Writes what clients may change of it: its name, its host configuration, and its networks. */
    void saveSettings(Container container) {
        ContainerNetworks networks = container.networks();
        jdbc.sql("update container set name = ?, host_config = ?, networks = ? where id = ?")
                .params(
                        container.name(),
                        Json.MAPPER.writeValueAsString(container.hostConfig()),
                        Json.MAPPER.writeValueAsString(networks),
                        container.id())
                .update();
        container.networksSaved(networks);
    }

    /** Writes what is known of its health. */
    void saveHealth(Container container, Health health) {
        String text = Json.MAPPER.writeValueAsString(health);
        if (jdbc.sql("update container_health set health = ? where container = ?")
                        .params(text, container.id())
                        .update()
                == 0) {
            jdbc.sql("insert into container_health (container, health) values (?, ?)")
                    .params(container.id(), text)
                    .update();
        }
    }

    private static ContainerRow withState(ContainerRow row, Container container, State state) {
        row.setState(state);
        row.restartCount = container.restartCount();
        row.stoppedByHand = container.stoppedByHand();
        row.setProcesses(
                container.task().map(Task::init).orElse(null),
                container.task().map(Task::conmon).orElse(null));
        return row;
    }

    /** Deletes all rows of it. */
    void delete(Container container) throws IOException {
        try {
            transaction.executeWithoutResult(status -> deleteNow(container));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void deleteNow(Container container) {
        try {
            container.readWriteLayer().remove();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        jdbc.sql("delete from container where id = ?").param(container.id()).update();
        imageUse.keep(container.imageId(), container.lastUsed());
    }
}
