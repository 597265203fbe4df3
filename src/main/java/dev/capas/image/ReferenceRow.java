package dev.capas.image;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** A row of {@code image_reference}: the full form of a name, and the image it stands for. */
@Entity
@Table(name = "image_reference")
class ReferenceRow {
    @Id
    private String name;

    private String image;

    protected ReferenceRow() {}

    ReferenceRow(String name, String image) {
        this.name = name;
        this.image = image;
    }

    String name() {
        return name;
    }

    String image() {
        return image;
    }
}
