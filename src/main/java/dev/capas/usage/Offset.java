package dev.capas.usage;

import dev.capas.filter.Slice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parts of lists whose order is made anew for each request: what follows is known by its number. */
final class Offset {
    private Offset() {}

    /** The part behind a {@link Slice#next()} that this gave. */
    static <T> Slice<T> slice(List<T> all, int limit, @Nullable String after) {
        int from = after == null ? 0 : parse(after);
        List<T> rest = all.subList(Math.min(from, all.size()), all.size());
        return rest.size() <= limit
                ? new Slice<>(rest, null)
                : new Slice<>(rest.subList(0, limit), Integer.toString(from + limit));
    }

    private static int parse(String after) {
        try {
            return Integer.parseUnsignedInt(after) & Integer.MAX_VALUE;
        } catch (NumberFormatException e) {
            throw Slice.invalidCursor();
        }
    }
}
