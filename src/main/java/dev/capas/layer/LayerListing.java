package dev.capas.layer;

import dev.capas.oci.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds layers among many, each time by one statement. */
@Component
public class LayerListing {
    private static final String COLUMNS =
            "diff_id, size, disk_usage, tar_size, compressed_size, files, created, damaged";

    private final JdbcClient jdbc;

    LayerListing(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The layers that are looked for. */
    public List<Layer> find(LayerSearch search) {
        if (search.among() != null && search.among().isEmpty()) {
            return List.of();
        }
        Map<String, Object> parameters = new HashMap<>();
        String where = String.join(" and ", conditions(search, parameters));
        String direction = search.descending() ? " desc" : "";
        parameters.put("limit", search.limit());
        String order = search.order() == LayerOrder.DIFF_ID
                ? "diff_id" + direction
                : search.order().column() + direction + ", diff_id" + direction;
        return jdbc.sql("select " + COLUMNS + " from layer l where " + where + " order by " + order + " limit :limit")
                .params(parameters)
                .query(LayerListing::layer)
                .list();
    }

    /** At most two of the layers whose DiffIDs begin with these hexadecimal digits. */
    public List<Layer> startingWith(String hexPrefix) {
        return jdbc.sql("select " + COLUMNS + " from layer where diff_id like ? order by diff_id limit 2")
                .param(hexPrefix + "%")
                .query(LayerListing::layer)
                .list();
    }

    private static List<String> conditions(LayerSearch search, Map<String, Object> parameters) {
        List<String> conditions = new ArrayList<>();
        conditions.add("size > :larger");
        parameters.put("larger", search.largerThan());
        if (search.among() != null) {
            conditions.add("diff_id in (:among)");
            parameters.put("among", search.among().stream().map(Digest::hex).toList());
        }
        if (search.withoutContainer()) {
            conditions.add("not exists (select 1 from container_layer c where c.layer = l.diff_id)");
            conditions.add("not exists (select 1 from mounted_layer m where m.layer = l.diff_id)");
        }
        if (search.after() != null) {
            String column = search.order().column();
            String beyond = search.descending() ? "<" : ">";
            // the first condition is for the index
            conditions.add(
                    column + beyond + "= :value and (" + column + beyond + " :value or diff_id " + beyond + " :id)");
            Object value = search.after().value();
            parameters.put("value", value instanceof Instant at ? OffsetDateTime.ofInstant(at, ZoneOffset.UTC) : value);
            parameters.put("id", search.after().diffId().hex());
        }
        return conditions;
    }

    private static Layer layer(ResultSet row, int number) throws SQLException {
        long compressedSize = row.getLong("compressed_size");
        boolean known = !row.wasNull();
        return new Layer(
                new Digest(row.getString("diff_id")),
                row.getLong("size"),
                row.getLong("disk_usage"),
                row.getLong("tar_size"),
                known ? compressedSize : null,
                row.getLong("files"),
                row.getObject("created", OffsetDateTime.class).toInstant(),
                row.getString("damaged"));
    }
}
