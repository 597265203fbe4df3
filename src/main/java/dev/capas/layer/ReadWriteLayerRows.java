package dev.capas.layer;

import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface ReadWriteLayerRows extends JpaRepository<ReadWriteLayerRow, String> {
    @Modifying
    @Query("update ReadWriteLayerRow r set r.size = :size, r.diskUsage = :diskUsage where r.container = :container")
    void setUsage(String container, @Nullable Long size, @Nullable Long diskUsage);
}
