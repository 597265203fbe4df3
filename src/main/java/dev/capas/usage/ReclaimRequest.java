package dev.capas.usage;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.ByteSize;
import dev.capas.filter.Timestamp;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client would like to be rid of. What it names is meant as it is; {@code unusedFor} and {@code free} choose among what nobody
 * uses. Nothing at all means everything that nobody uses.
 *
 * @param images names and IDs
 * @param containers names and IDs
 * @param volumes names
 * @param unusedFor how long what is chosen has not been used; null for any time
 * @param free how many apparent bytes are wanted: no more is chosen than that takes; null for all
 */
public record ReclaimRequest(
        List<String> images,
        List<String> containers,
        List<String> volumes,
        @Nullable Duration unusedFor,
        @Nullable Long free) {
    /**
     * Reads the parameters of a request; null is one that is not there.
     *
     * @param unusedFor a Go duration, {@code 168h}
     * @param free a size, {@code 5GB}
     * @throws EngineException if one of the last two is none (400)
     */
    public static ReclaimRequest of(
            @Nullable List<String> images,
            @Nullable List<String> containers,
            @Nullable List<String> volumes,
            @Nullable String unusedFor,
            @Nullable String free) {
        return new ReclaimRequest(
                images == null ? List.of() : List.copyOf(images),
                containers == null ? List.of() : List.copyOf(containers),
                volumes == null ? List.of() : List.copyOf(volumes),
                unusedFor == null ? null : duration(unusedFor),
                free == null ? null : (Long) ByteSize.parse(free));
    }

    private static Duration duration(String text) {
        Duration duration = text.equals("0") ? Duration.ZERO : Timestamp.parseDuration(text);
        if (duration == null) {
            throw EngineException.invalidParameter(
                    "invalid unused-for '" + text + "': a duration is needed, such as 168h or 90m");
        }
        if (duration.isNegative()) {
            throw EngineException.invalidParameter("invalid unused-for '" + text + "': it is negative");
        }
        return duration;
    }

    /** Whether something is named. */
    boolean names() {
        return !images.isEmpty() || !containers.isEmpty() || !volumes.isEmpty();
    }

    /** Whether things are to be chosen that nobody uses. */
    boolean chooses() {
        return unusedFor != null || free != null || !names();
    }
}
