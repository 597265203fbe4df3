package dev.capas.layer;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A row of {@code lease}. */
@Entity
@Table(name = "lease")
class LeaseRow {
    @Id
    private String id;

    private String purpose;

    private Instant created;

    @SuppressWarnings("NullAway.Init")
    protected LeaseRow() {}

    LeaseRow(String id, String purpose, Instant created) {
        this.id = id;
        this.purpose = purpose;
        this.created = created;
    }
}
