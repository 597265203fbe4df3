package dev.capas.layer;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface LeaseRows extends JpaRepository<LeaseRow, String> {
    @Query(nativeQuery = true, value = "select layer from lease_layer where lease = :lease")
    List<String> layers(String lease);

    @Query(nativeQuery = true, value = "select count(*) from lease_layer where lease = :lease and layer = :layer")
    long holding(String lease, String layer);

    @Modifying
    @Query(nativeQuery = true, value = "insert into lease_layer (lease, layer) values (:lease, :layer)")
    void hold(String lease, String layer);

    @Modifying
    @Query(nativeQuery = true, value = "delete from lease_layer where lease = :lease")
    void release(String lease);

    @Modifying
    @Query("delete from LeaseRow l where l.id = :lease")
    void end(String lease);

    @Modifying
    @Query(nativeQuery = true, value = "delete from lease_layer")
    void releaseAll();
}
