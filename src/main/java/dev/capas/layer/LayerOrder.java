package dev.capas.layer;

import java.time.Instant;
import java.util.Objects;
import java.util.function.Function;

/** What the database can sort layers by. */
public enum LayerOrder {
    DIFF_ID("diff_id", layer -> layer.diffId().hex()),
    SIZE("size", Layer::size),
    DISK_USAGE("disk_usage", Layer::diskUsage),
    /** One whose blob nobody saw comes before all others. */
    COMPRESSED_SIZE("coalesce(compressed_size, -1)", layer -> Objects.requireNonNullElse(layer.compressedSize(), -1L)),
    FILES("files", Layer::files),
    CREATED("created", Layer::created);

    private final String column;
    private final Function<Layer, Object> value;

    LayerOrder(String column, Function<Layer, Object> value) {
        this.column = column;
        this.value = value;
    }

    String column() {
        return column;
    }

    /** What is compared: a text, a {@link Long} or an {@link Instant}. */
    public Object value(Layer layer) {
        return value.apply(layer);
    }

    /**
     * Reads what {@code value(…).toString()} gave.
     *
     * @throws RuntimeException if it is something else
     */
    public Object parse(String text) {
        return switch (this) {
            case DIFF_ID -> text;
            case CREATED -> Instant.parse(text);
            case SIZE, DISK_USAGE, COMPRESSED_SIZE, FILES -> Long.valueOf(text);
        };
    }
}
