package dev.capas.image;

import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.SqlArrayValue;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/** The table {@code image_summary}: what lists tell of images, beside their configurations, which a list of many must not read. */
@Component
class ImageSummaries {
    private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

    private final JdbcClient jdbc;
    /** Whether every image is known to have its row. */
    private volatile boolean complete;

    ImageSummaries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Inserts the row of an image whose own row and those of its layers are there already. Joins the transaction that runs. */
    void insert(String id, ImageConfig config) {
        Map<String, String> labels = config.runConfig().labels();
        Instant created = config.created();
        jdbc.sql("""
                        insert into image_summary (image, parent, last_tagged, created, nanos, labels, size)
                        select i.id, i.parent, i.last_tagged, cast(? as bigint), cast(? as integer), cast(? as bytea), (select coalesce(sum(l.size), 0)
                            from image_layer il join layer l on l.diff_id = il.layer where il.image = i.id)
                        from image i where i.id = ?""")
                .param(1, created == null ? null : created.getEpochSecond(), Types.BIGINT)
                .param(2, created == null ? 0 : created.getNano())
                .param(3, labels == null ? null : Json.MAPPER.writeValueAsBytes(labels), Types.VARBINARY)
                .param(4, id)
                .update();
    }

    /** Notes what the image's own row has from now on. Joins the transaction that runs. */
    void setParent(String id, String parent) {
        jdbc.sql("update image_summary set parent = ? where image = ?")
                .params(parent, id)
                .update();
    }

    /** Notes what the image's own row has from now on. Joins the transaction that runs. */
    void setLastTagged(String id, Instant at) {
        jdbc.sql("update image_summary set last_tagged = ? where image = ?")
                .param(1, at.atOffset(ZoneOffset.UTC), Types.TIMESTAMP_WITH_TIMEZONE)
                .param(2, id)
                .update();
    }

    /** The images of an earlier version, which kept no summaries; empty from the second time on. */
    List<String> missing() {
        if (complete) {
            return List.of();
        }
        List<String> missing = jdbc.sql(
                        "select id from image i where not exists (select 1 from image_summary s where s.image = i.id)")
                .query(String.class)
                .list();
        complete = missing.isEmpty();
        return missing;
    }

    /** Those of these images that are here. */
    Set<Digest> among(Set<Digest> ids) {
        return jdbc
                .sql("select i.id from unnest(cast(? as varchar array)) as asked (id) join image i on i.id = asked.id")
                .param(new SqlArrayValue(
                        "varchar", ids.stream().map(Digest::hex).toArray()))
                .query(String.class)
                .list()
                .stream()
                .map(Digest::new)
                .collect(Collectors.toSet());
    }

    /** All, in no particular order, by one statement. */
    List<ListedImage> all() {
        List<ListedImage> images = new ArrayList<>();
        jdbc.sql("""
                        select image, parent, last_tagged, created, nanos, labels, size from image_summary""").query((RowCallbackHandler) row -> images.add(image(row)));
        return images;
    }

    private static ListedImage image(ResultSet row) throws SQLException {
        String parent = row.getString(2);
        OffsetDateTime lastTagged = row.getObject(3, OffsetDateTime.class);
        long created = row.getLong(4);
        Instant at = row.wasNull() ? null : Instant.ofEpochSecond(created, row.getInt(5));
        byte[] labels = row.getBytes(6);
        return new ListedImage(
                new Digest(row.getString(1)),
                parent == null ? null : new Digest(parent),
                at,
                labels == null ? null : Json.MAPPER.readValue(labels, LABELS),
                row.getLong(7),
                lastTagged == null ? null : lastTagged.toInstant());
    }
}
