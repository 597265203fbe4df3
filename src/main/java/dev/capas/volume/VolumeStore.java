package dev.capas.volume;

import dev.capas.oci.Json;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/** Keeps volumes as rows. */
@Component
class VolumeStore {
    private static final TypeReference<Map<String, String>> PAIRS = new TypeReference<>() {};

    private final JdbcClient jdbc;

    VolumeStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
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
