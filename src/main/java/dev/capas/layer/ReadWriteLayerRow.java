package dev.capas.layer;

import dev.capas.linux.TreeUsage;
import dev.capas.oci.Digest;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Table;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row of {@code read_write_layer} with its rows of {@code container_layer}. */
@Entity
@Table(name = "read_write_layer")
class ReadWriteLayerRow {
    @Id
    private String container;

    private String directory;

    private @Nullable Long size;

    @Column(name = "disk_usage")
    private @Nullable Long diskUsage;

    @ElementCollection(fetch = FetchType.EAGER)
    @CollectionTable(name = "container_layer", joinColumns = @JoinColumn(name = "container"))
    @OrderColumn(name = "position")
    @Column(name = "layer")
    private List<String> layers = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    protected ReadWriteLayerRow() {}

    String container() {
        return container;
    }

    String directory() {
        return directory;
    }

    /** What it lies on, bottom first. */
    List<Digest> stack() {
        return layers.stream().map(Digest::new).toList();
    }

    /** What was measured last, or null where something may have written since. */
    @Nullable
    TreeUsage usage() {
        return size == null || diskUsage == null ? null : new TreeUsage(size, diskUsage);
    }
}
