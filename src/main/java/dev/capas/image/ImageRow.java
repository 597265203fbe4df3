package dev.capas.image;

import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row of {@code image} with its rows of {@code image_layer}. Digests are their hexadecimal digits. */
@Entity
@Table(name = "image")
class ImageRow {
    @Id
    private String id;

    private byte[] config;

    private @Nullable String parent;

    @Column(name = "last_tagged")
    private @Nullable Instant lastTagged;

    @ElementCollection
    @CollectionTable(name = "image_layer", joinColumns = @JoinColumn(name = "image"))
    @OrderColumn(name = "position")
    @Column(name = "layer")
    private List<String> layers = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    protected ImageRow() {}

    ImageRow(String id, byte[] config, @Nullable String parent, List<String> layers) {
        this.id = id;
        this.config = config;
        this.parent = parent;
        this.layers.addAll(layers);
    }

    String id() {
        return id;
    }

    byte[] config() {
        return config;
    }
}
