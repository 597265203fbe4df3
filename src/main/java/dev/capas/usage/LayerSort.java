package dev.capas.usage;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.LayerOrder;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What lists of layers can be sorted by. */
public enum LayerSort {
    CREATED("created", LayerOrder.CREATED),
    SIZE("size", LayerOrder.SIZE),
    DISK_USAGE("diskUsage", LayerOrder.DISK_USAGE),
    COMPRESSED_SIZE("compressedSize", LayerOrder.COMPRESSED_SIZE),
    FILES("files", LayerOrder.FILES),
    DIFF_ID("diffID", LayerOrder.DIFF_ID),
    LAST_USED("lastUsed", null),
    REF_COUNT("refCount", null);

    private final String key;
    private final @Nullable LayerOrder order;

    LayerSort(String key, @Nullable LayerOrder order) {
        this.key = key;
        this.order = order;
    }

    /** What sorts in the database; null where users must be known for that. */
    @Nullable
    LayerOrder order() {
        return order;
    }

    /**
     * The sort of this key, whatever its case.
     *
     * @throws EngineException if there is none (400)
     */
    public static LayerSort of(String key) {
        return Arrays.stream(values())
                .filter(sort -> sort.key.equalsIgnoreCase(key))
                .findFirst()
                .orElseThrow(() -> EngineException.invalidParameter("invalid sort '" + key + "': the keys are "
                        + Arrays.stream(values()).map(sort -> sort.key).collect(Collectors.joining(", "))
                        + ", with a - before it for descending"));
    }
}
