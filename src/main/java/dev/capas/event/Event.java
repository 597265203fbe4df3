package dev.capas.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to an object of the engine ({@code EventMessage} of the Engine API).
 *
 * @param status the action once more, for containers and images only (API before 1.22)
 * @param id the actor's ID once more, for containers and images only
 * @param from the image of a container, for containers only
 * @param type container, image, volume, network or daemon
 * @param action create, start, die, "exec_create: sh", …
 * @param actor what it happened to
 * @param scope local
 * @param time Unix seconds
 * @param timeNano Unix nanoseconds
 * @param labels of the object, which decide for whom it exists; not told
 */
@JsonPropertyOrder({"status", "id", "from", "Type", "Action", "Actor", "scope", "time", "timeNano"})
public record Event(
        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        String status,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        String id,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        String from,

        @JsonProperty("Type") String type,
        @JsonProperty("Action") String action,
        @JsonProperty("Actor") Actor actor,
        String scope,
        long time,
        long timeNano,
        @JsonIgnore Map<String, String> labels) {
    /**
     * What an event is about.
     *
     * @param id the ID of a container, network or image; the name of a volume
     * @param attributes labels, name, image and what the action adds, sorted by key
     */
    @JsonPropertyOrder({"ID", "Attributes"})
    public record Actor(
            @JsonProperty("ID") String id,
            @JsonProperty("Attributes") Map<String, String> attributes) {}

    static Event of(
            String type,
            String action,
            String actorId,
            Map<String, String> attributes,
            Map<String, String> labels,
            Instant at) {
        boolean container = type.equals("container");
        boolean old = container || type.equals("image");
        return new Event(
                old ? action : null,
                old ? actorId : null,
                container ? attributes.get("image") : null,
                type,
                action,
                new Actor(actorId, new TreeMap<>(attributes)),
                "local",
                at.getEpochSecond(),
                at.getEpochSecond() * 1_000_000_000L + at.getNano(),
                labels);
    }

    Instant at() {
        return Instant.ofEpochSecond(0, timeNano);
    }
}
