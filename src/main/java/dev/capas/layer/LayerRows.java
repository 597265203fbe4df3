package dev.capas.layer;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

/** Layers are known here by the hexadecimal digits of their DiffIDs. */
interface LayerRows extends JpaRepository<LayerRow, String> {
    /** How many rows hold the layer. */
    @Query(
            nativeQuery = true,
            value = "select (select count(*) from image_layer where layer = :id)"
                    + " + (select count(*) from container_layer where layer = :id)"
                    + " + (select count(*) from mounted_layer where layer = :id)"
                    + " + (select count(*) from lease_layer where layer = :id)")
    long references(String id);

    @Modifying
    @Query("delete from LayerRow l where l.diffId = :id")
    void remove(String id);

    @Query("select l.diffId from LayerRow l")
    List<String> ids();

    /** Those that no image, container or lease holds. */
    @Query(
            nativeQuery = true,
            value = "select diff_id from layer l where not exists (select 1 from image_layer where layer = l.diff_id)"
                    + " and not exists (select 1 from container_layer where layer = l.diff_id)"
                    + " and not exists (select 1 from mounted_layer where layer = l.diff_id)"
                    + " and not exists (select 1 from lease_layer where layer = l.diff_id)")
    List<String> unreferenced();

    /** Those among some. */
    @Query(
            nativeQuery = true,
            value = "select diff_id from layer l where diff_id in (:ids)"
                    + " and not exists (select 1 from image_layer where layer = l.diff_id)"
                    + " and not exists (select 1 from container_layer where layer = l.diff_id)"
                    + " and not exists (select 1 from mounted_layer where layer = l.diff_id)"
                    + " and not exists (select 1 from lease_layer where layer = l.diff_id)")
    List<String> unreferencedAmong(Collection<String> ids);

    @Query("select l.diffId from LayerRow l where l.synced = false")
    List<String> unsynced();

    @Query("select l.diffId from LayerRow l where l.synced = false and l.bootId <> :bootId")
    List<String> unsyncedOfOtherBoot(String bootId);

    @Modifying
    @Query("update LayerRow l set l.synced = true where l.diffId in :ids")
    void setSynced(Collection<String> ids);

    @Modifying
    @Query("update LayerRow l set l.damaged = :damaged where l.diffId = :id")
    void setDamaged(String id, @Nullable String damaged);

    @Query("select l from LayerRow l where l.damaged is not null order by l.diffId")
    List<LayerRow> damaged();

    /** A good tree has taken the place of a damaged one; returns 0 where there is no such layer. */
    @Modifying
    @Query("update LayerRow l set l.damaged = null, l.synced = false, l.bootId = :bootId where l.diffId = :id")
    int mend(String id, String bootId);

    @Modifying
    @Query("update LayerRow l set l.compressedSize = :size where l.diffId = :id and l.compressedSize is null")
    void setCompressedSize(String id, long size);

    @Query(nativeQuery = true, value = "select distinct image from image_layer where layer = :id order by image")
    List<String> images(String id);

    @Query(
            nativeQuery = true,
            value = "select container from container_layer where layer = :id"
                    + " union select container from mounted_layer where layer = :id order by container")
    List<String> containers(String id);
}
