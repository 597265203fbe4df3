package dev.capas.usage;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.index.Node;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a tree.
 *
 * @param path percent-encoded, byte for byte
 * @param depth how many levels below the path; 0 for what lies there itself
 * @param sort {@code path}, {@code size} or {@code files}, a minus before it for the largest first
 * @param limit how many at most
 * @param after the {@link dev.capas.filter.Slice#next()} of the part before, or null
 */
public record FileQuery(
        String path,
        int depth,
        String sort,
        int limit,
        @Nullable String after) {
    /**
     * Checks the depth.
     *
     * @throws EngineException if it is negative (400)
     */
    public FileQuery {
        if (depth < 0) {
            throw EngineException.invalidParameter("invalid depth " + depth + ": it is negative");
        }
    }

    /** How to sort what comes in the order of the paths; null to leave it. */
    @Nullable
    Comparator<Node> order() {
        return switch (sort) {
            case "path" -> null;
            case "-path" -> Comparator.comparing(Node::path).reversed();
            case "size" -> Comparator.comparingLong(Node::size);
            case "-size" -> Comparator.comparingLong(Node::size).reversed();
            case "files" -> Comparator.comparingLong(Node::files);
            case "-files" -> Comparator.comparingLong(Node::files).reversed();
            default ->
                throw EngineException.invalidParameter("invalid sort key '" + sort
                        + "': the keys are path, size and files, - before one for descending");
        };
    }
}
