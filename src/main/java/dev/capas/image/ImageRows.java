package dev.capas.image;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface ImageRows extends JpaRepository<ImageRow, String> {
    /** An image without its configuration. */
    record Head(
            String id, @Nullable String parent, @Nullable Instant lastTagged) {}

    /** The configuration of an image alone. */
    record Config(String id, byte[] config) {}

    @Query("select new dev.capas.image.ImageRows$Head(i.id, i.parent, i.lastTagged) from ImageRow i where i.id = :id")
    @Nullable
    Head head(String id);

    @Query("select new dev.capas.image.ImageRows$Config(i.id, i.config) from ImageRow i where i.id in :ids")
    List<Config> configs(Collection<String> ids);

    @Query("select i.id from ImageRow i where i.id like concat(:prefix, '%') order by i.id fetch first 2 rows only")
    List<String> startingWith(String prefix);

    @Query("select i.id from ImageRow i where i.parent = :parent")
    List<String> children(String parent);

    @Query("select distinct i.parent from ImageRow i where i.parent is not null")
    List<String> parents();

    @Modifying
    @Query("update ImageRow i set i.parent = :parent where i.id = :id")
    void setParent(String id, String parent);

    @Modifying
    @Query("update ImageRow i set i.lastTagged = :at where i.id = :id")
    void setLastTagged(String id, Instant at);

    @Query(
            nativeQuery = true,
            value =
                    "select coalesce(sum(l.size), 0) from image_layer il join layer l on l.diff_id = il.layer where il.image = :id")
    long size(String id);

    @Query(nativeQuery = true, value = "select distinct image from image_layer where layer = :layer")
    List<String> using(String layer);
}
