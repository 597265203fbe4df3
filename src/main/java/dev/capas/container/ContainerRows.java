package dev.capas.container;

import org.springframework.data.jpa.repository.JpaRepository;

/** The table {@code container}. */
interface ContainerRows extends JpaRepository<ContainerRow, String> {}
