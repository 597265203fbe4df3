package dev.capas.layer;

import dev.capas.oci.Digest;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A row of {@code layer}. */
@Entity
@Table(name = "layer")
class LayerRow {
    @Id
    @Column(name = "diff_id")
    private String diffId;

    private long size;

    @Column(name = "disk_usage")
    private long diskUsage;

    @Column(name = "tar_size")
    private long tarSize;

    @Column(name = "compressed_size")
    private @Nullable Long compressedSize;

    private long files;

    private Instant created;

    @Column(name = "boot_id")
    private String bootId;

    private boolean synced;

    private @Nullable String damaged;

    @SuppressWarnings("NullAway.Init")
    protected LayerRow() {}

    LayerRow(Layer layer, String bootId) {
        this.diffId = layer.diffId().hex();
        this.size = layer.size();
        this.diskUsage = layer.diskUsage();
        this.tarSize = layer.tarSize();
        this.compressedSize = layer.compressedSize();
        this.files = layer.files();
        this.created = layer.created();
        this.damaged = layer.damaged();
        this.bootId = bootId;
    }

    Layer layer() {
        return new Layer(new Digest(diffId), size, diskUsage, tarSize, compressedSize, files, created, damaged);
    }
}
