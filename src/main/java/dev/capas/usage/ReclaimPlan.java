package dev.capas.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What deleting some things would free, and what would stay.
 *
 * @param plan what to post to have it done
 * @param expires until when it can be posted
 * @param reclaimable the apparent bytes that go: layers once, what containers have written, volumes
 * @param diskUsage the allocated bytes that go with them: journals, logs and directories too
 * @param wanted the apparent bytes that were asked for, where they were; all that nobody uses may be less
 * @param items what goes, in the order in which it does
 * @param kept what stays although it belongs to an item, or was named
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ReclaimPlan(
        String plan,
        Instant expires,
        long reclaimable,
        long diskUsage,

        @Nullable @JsonInclude(JsonInclude.Include.NON_NULL) Long wanted,

        List<Item> items,
        List<Kept> kept) {
    /** The same under its name. */
    ReclaimPlan named(String id) {
        return new ReclaimPlan(id, expires, reclaimable, diskUsage, wanted, items, kept);
    }

    /** What things are. */
    public enum Kind {
        IMAGE,
        CONTAINER,
        VOLUME,
        LAYER,
        /** A pull, a load or a commit that is not at its end. */
        LEASE;

        /** As it is written. */
        @JsonValue
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Something that goes.
     *
     * @param id of a volume its name
     * @param names that it loses
     * @param size its apparent bytes: of an image each layer as often as it occurs, of a container what it has written
     * @param reclaimable the apparent bytes that would go if it went alone; what several items share is in none of theirs
     * @param diskUsage the same, allocated
     * @param stays whether it loses its names only, having others
     * @param lastUsed as far as that is known
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Item(
            Kind kind,
            @JsonProperty("ID") String id,
            List<String> names,
            long size,
            long reclaimable,
            long diskUsage,
            boolean stays,
            Instant lastUsed) {}

    /**
     * Something that stays.
     *
     * @param size its apparent bytes, of a layer
     * @param reason why, in the words of the error that deleting it would be, where it would be one
     * @param heldBy who needs it, of a layer
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Kept(
            Kind kind,
            @JsonProperty("ID") String id,
            List<String> names,

            @Nullable @JsonInclude(JsonInclude.Include.NON_NULL)
            Long size,

            @Nullable @JsonInclude(JsonInclude.Include.NON_NULL)
            String reason,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Holder> heldBy) {}

    /** Who needs a layer that stays. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Holder(Kind kind, @JsonProperty("ID") String id, List<String> names) {}
}
