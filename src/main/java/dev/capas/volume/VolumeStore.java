package dev.capas.volume;

import dev.capas.linux.TreeUsage;
import dev.capas.oci.Json;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/** Keeps volumes as rows. */
@Component
class VolumeStore {
    private static final TypeReference<Map<String, String>> PAIRS = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;

    VolumeStore(JdbcClient jdbc, JdbcTemplate batches) {
        this.jdbc = jdbc;
        this.batches = batches;
    }

    /** All of them, which lie below this directory. */
    List<Volume> all(Path root) {
        return jdbc.sql("select name, created, labels, options from volume")
                .query((row, number) -> volume(row, root))
                .list();
    }

    private static Volume volume(ResultSet row, Path root) throws SQLException {
        String name = row.getString("name");
        return new Volume(
                name,
                Instant.ofEpochSecond(row.getLong("created")),
                pairs(row.getString("labels")),
                pairs(row.getString("options")),
                VolumeDirectories.mountpoint(root, name));
    }

    void insert(Volume volume) {
        jdbc.sql("insert into volume (name, created, labels, options) values (?, ?, ?, ?)")
                .params(volume.name(), volume.created().getEpochSecond(), json(volume.labels()), json(volume.options()))
                .update();
    }

    /** The figures of those that were ever measured, by name. */
    Map<String, VolumeSizes.Figure> figures() {
        Map<String, VolumeSizes.Figure> figures = new HashMap<>();
        jdbc.sql("select name, size, disk_usage, sized from volume where sized is not null")
                .query((RowCallbackHandler) row -> figures.put(
                        row.getString(1),
                        new VolumeSizes.Figure(
                                new TreeUsage(row.getLong(2), row.getLong(3)),
                                Instant.ofEpochSecond(0, row.getLong(4)))));
        return figures;
    }

    /** Writes figures by name, in one go; of a volume that is gone nothing is written. */
    void save(Map<String, VolumeSizes.Figure> figures) {
        if (!figures.isEmpty()) {
            batches.batchUpdate(
                    "update volume set size = ?, disk_usage = ?, sized = ? where name = ?",
                    figures.entrySet().stream()
                            .map(entry -> new Object[] {
                                entry.getValue().usage().apparent(),
                                entry.getValue().usage().allocated(),
                                nanos(entry.getValue().at()),
                                entry.getKey()
                            })
                            .toList());
        }
    }

    private static long nanos(Instant at) {
        return at.getEpochSecond() * 1_000_000_000L + at.getNano();
    }

    void delete(String name) {
        jdbc.sql("delete from volume where name = ?").param(name).update();
    }

    private static @Nullable Map<String, String> pairs(@Nullable String json) {
        return json == null ? null : Json.MAPPER.readValue(json, PAIRS);
    }

    private static @Nullable String json(@Nullable Map<String, String> pairs) {
        return pairs == null ? null : Json.MAPPER.writeValueAsString(pairs);
    }
}
