package dev.capas.image;

import dev.capas.oci.Digest;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** When images were last used, as far as the containers that did so are gone; those that are there tell it themselves. */
@Component
public class ImageUse {
    private static final long NANOS = 1_000_000_000L;

    private final JdbcClient jdbc;

    ImageUse(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Inserts the row of an image whose own row is there already. Joins the transaction that runs. */
    void insert(String image) {
        jdbc.sql("insert into image_use (image) values (?)").param(image).update();
    }

    /** Says that a container of the image, which goes now, last did something then. Joins the transaction that runs; nothing where the image is gone. */
    public void keep(Digest image, Instant lastUsed) {
        long nanos = lastUsed.getEpochSecond() * NANOS + lastUsed.getNano();
        jdbc.sql("update image_use set last_used = ? where image = ? and (last_used is null or last_used < ?)")
                .params(nanos, image.hex(), nanos)
                .update();
    }

    /** What was kept of all images that have anything, by one statement. */
    public Map<Digest, Instant> all() {
        Map<Digest, Instant> kept = new HashMap<>();
        jdbc.sql("select image, last_used from image_use where last_used is not null")
                .query((RowCallbackHandler)
                        row -> kept.put(new Digest(row.getString(1)), Instant.ofEpochSecond(0, row.getLong(2))));
        return kept;
    }
}
