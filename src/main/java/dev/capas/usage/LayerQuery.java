package dev.capas.usage;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.ByteSize;
import dev.capas.filter.Filters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which layers a client wants to see, and how they are sorted.
 *
 * @param images names or IDs; those that one of these lists, all where there are none
 * @param containers names or IDs; those that one of these stands on or shows, all where there are none
 * @param largerThan in bytes, -1 for all
 * @param unused those that no container uses
 */
public record LayerQuery(
        List<String> images,
        List<String> containers,
        long largerThan,
        boolean unused,
        LayerSort sort,
        boolean descending) {
    /**
     * Reads Docker's form of filters.
     *
     * @param filters {@code unused}, {@code image}, {@code container}, {@code larger}
     * @param sort a key, with a minus before it for descending; the latest first where the client does not say
     * @throws EngineException if one of them makes no sense (400)
     */
    public static LayerQuery of(Filters filters, @Nullable String sort) {
        filters.accept("unused", "image", "container", "larger");
        List<String> larger = filters.get("larger");
        if (larger.size() > 1) {
            throw EngineException.invalidParameter("more than one larger filter specified");
        }
        String key = sort == null || sort.isEmpty() ? "-created" : sort;
        boolean descending = key.startsWith("-");
        return new LayerQuery(
                filters.get("image"),
                filters.get("container"),
                larger.isEmpty() ? -1 : ByteSize.parse(larger.getFirst()),
                filters.getBoolean("unused", false),
                LayerSort.of(descending ? key.substring(1) : key),
                descending);
    }
}
