package dev.capas.layer;

import dev.capas.linux.TreeUsage;
import dev.capas.oci.Digest;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.SqlArrayValue;
import org.springframework.stereotype.Component;

/**
 * Which container holds which layers. Every {@code docker run} writes these rows, so the statements go straight to the database: by way of
 * JPA each took three times as long. To be called within a transaction.
 */
@Component
class LayerReferences {
    private final JdbcClient jdbc;

    LayerReferences(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Locks those of the layers that are here until the transaction ends, in one order for everyone, and returns them. H2 does not hold a
     * foreign key between two open transactions: whoever adds a reference or removes a layer calls this first. And it locks in the order of
     * whichever index it reads, so that each row has a statement of its own.
     */
    List<String> lock(Collection<String> layers) {
        return layers.stream().distinct().sorted().filter(this::lockOne).toList();
    }

    private boolean lockOne(String layer) {
        return jdbc.sql("select diff_id from layer where diff_id = ? for update")
                .param(layer)
                .query(String.class)
                .optional()
                .isPresent();
    }

    /**
     * Inserts a read-write layer and what it stands on.
     *
     * @param directory relative to the data root
     * @param stack bottom first; all locked
     */
    void insert(String container, String directory, List<String> stack) {
        jdbc.sql("insert into read_write_layer (container, directory) values (?, ?)")
                .params(container, directory)
                .update();
        for (int position = 0; position < stack.size(); position++) {
            jdbc.sql("insert into container_layer (container, position, layer) values (?, ?, ?)")
                    .params(container, position, stack.get(position))
                    .update();
        }
    }

    /** Inserts what a container shows beside what it stands on; all locked. The rows go with its read-write layer. */
    void hold(String container, Collection<String> layers) {
        for (String layer : Set.copyOf(layers)) {
            jdbc.sql("insert into mounted_layer (container, layer) values (?, ?)")
                    .params(container, layer)
                    .update();
        }
    }

    /** Tells of everything that holds a layer, once or more. */
    void forEach(BiConsumer<LayerHolder, Digest> told) {
        Map<LayerHolder, LayerHolder> known = new HashMap<>();
        jdbc.sql("""
                        select 'IMAGE', image, layer from image_layer
                        union all select 'CONTAINER', container, layer from container_layer
                        union all select 'CONTAINER', container, layer from mounted_layer
                        union all select 'LEASE', lease, layer from lease_layer""").query((RowCallbackHandler) row -> {
            LayerHolder holder = new LayerHolder(LayerHolder.Kind.valueOf(row.getString(1)), row.getString(2));
            told.accept(known.computeIfAbsent(holder, first -> first), new Digest(row.getString(3)));
        });
    }

    /**
     * A read-write layer as its rows have it.
     *
     * @param directory relative to the data root
     * @param stack bottom first; one list for all that stand on the same
     * @param usage what was measured last, or null where something may have written since
     */
    record ReadWrite(
            String container,
            String directory,
            List<Digest> stack,
            @Nullable TreeUsage usage) {}

    /** All read-write layers, by two statements. */
    List<ReadWrite> readWriteLayers() {
        Map<String, Digest> digests = new HashMap<>();
        Map<String, List<Digest>> stacks = new HashMap<>();
        jdbc.sql("select container, layer from container_layer order by container, position")
                .query((RowCallbackHandler) row -> stacks.computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                        .add(digests.computeIfAbsent(row.getString(2), Digest::new)));
        Map<List<Digest>, List<Digest>> distinct = new HashMap<>();
        stacks.replaceAll((container, stack) -> distinct.computeIfAbsent(stack, List::copyOf));
        return jdbc.sql("select container, directory, size, disk_usage from read_write_layer")
                .query((row, number) -> {
                    String container = row.getString(1);
                    TreeUsage usage = new TreeUsage(row.getLong(3), row.getLong(4));
                    boolean unknown = row.wasNull();
                    return new ReadWrite(
                            container,
                            row.getString(2),
                            stacks.getOrDefault(container, List.of()),
                            unknown ? null : usage);
                })
                .list();
    }

    /** Writes what a read-write layer weighs; null where something may write to it. */
    void remember(String container, @Nullable TreeUsage usage) {
        jdbc.sql("update read_write_layer set size = ?, disk_usage = ? where container = ?")
                .param(1, usage == null ? null : usage.apparent(), Types.BIGINT)
                .param(2, usage == null ? null : usage.allocated(), Types.BIGINT)
                .param(3, container)
                .update();
    }

    /** What those of these layers weigh that are here. */
    Map<Digest, Long> sizes(Collection<Digest> diffIds) {
        Map<Digest, Long> sizes = new HashMap<>();
        jdbc.sql(
                        "select l.diff_id, l.size from unnest(cast(? as varchar array)) as asked (id) join layer l on l.diff_id = asked.id")
                .param(new SqlArrayValue(
                        "varchar", diffIds.stream().map(Digest::hex).distinct().toArray()))
                .query((RowCallbackHandler) row -> sizes.put(new Digest(row.getString(1)), row.getLong(2)));
        return sizes;
    }

    /** Writes what layers weigh on the disk in bytes, by the digits of their DiffIDs; where nothing has changed, nothing is written. */
    void weighed(Map<String, Long> diskUsages) {
        diskUsages.forEach((layer, bytes) -> jdbc.sql(
                        "update layer set disk_usage = :bytes where diff_id = :layer and disk_usage <> :bytes and :bytes > 0")
                .param("bytes", bytes)
                .param("layer", layer)
                .update());
    }

    /** Deletes the rows of a read-write layer, if there are any. */
    void delete(String container) {
        jdbc.sql("delete from container_layer where container = ?")
                .param(container)
                .update();
        jdbc.sql("delete from read_write_layer where container = ?")
                .param(container)
                .update();
    }
}
