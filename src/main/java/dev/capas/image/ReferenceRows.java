package dev.capas.image;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;

interface ReferenceRows extends JpaRepository<ReferenceRow, String> {
    List<ReferenceRow> findByImage(String image);

    List<ReferenceRow> findByNameStartingWith(String prefix);
}
