package dev.capas.layer;

import dev.capas.oci.Digest;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
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
