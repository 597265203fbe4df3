package dev.capas.filter;

import dev.capas.errdefs.EngineException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param next names the last of the items, for whoever made the list to go on behind it; null where nothing follows
 */
public record Slice<T>(List<T> items, @Nullable String next) {
    /**
     * The first of the items.
     *
     * @param some one more than the limit where there are more
     * @param name what an item is called in {@link #next()}
     */
    public static <T> Slice<T> first(int limit, List<T> some, Function<T, String> name) {
        return some.size() <= limit
                ? new Slice<>(some, null)
                : new Slice<>(List.copyOf(some.subList(0, limit)), name.apply(some.get(limit - 1)));
    }

    /** The error for a {@link #next()} that no list ever gave (400). */
    public static EngineException invalidCursor() {
        return EngineException.invalidParameter("invalid cursor: it is not of this query");
    }
}
