package dev.capas.container;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

/** The table {@code container}. */
interface ContainerRows extends JpaRepository<ContainerRow, String> {
    @Modifying
    @Query("delete from ContainerRow c where c.id = :id")
    void remove(String id);
}
