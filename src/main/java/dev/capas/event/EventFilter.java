package dev.capas.event;

import dev.capas.filter.Filters;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which events a client asked for and may know of. A filter that no event has (such as {@code shape}) is ignored, as dockerd does. */
record EventFilter(Filters filters, Predicate<Map<String, String>> visible) {
    private static final List<String> ACTOR_TYPES =
            List.of("daemon", "container", "plugin", "volume", "network", "node", "service", "secret", "config");

    /** Actions whose name goes on after a colon; asked for without one, they match by prefix. */
    private static final Set<String> OPEN_ACTIONS = Set.of("health_status", "exec_create", "exec_start");

    boolean includes(Event event) {
        return visible.test(event.labels())
                && action(event.action())
                && filters.matchExact("type", event.type())
                && filters.matchExact("scope", event.scope())
                && ACTOR_TYPES.stream().allMatch(type -> actor(type, event.actor()))
                && image(event)
                && filters.matchPairs("label", event.actor().attributes());
    }

    private boolean action(String action) {
        return filters.get("event").stream().anyMatch(OPEN_ACTIONS::contains)
                ? filters.matchPrefix("event", action)
                : filters.matchExact("event", action);
    }

    private boolean actor(String type, Event.Actor actor) {
        return filters.matchPrefix(type, actor.id())
                || filters.matchPrefix(
                        type, Objects.requireNonNullElse(actor.attributes().get("name"), ""));
    }

    /** Events of an image, and of the containers made from it; with or without its tag. */
    private boolean image(Event event) {
        String id = event.actor().id();
        String name = event.actor().attributes().get(event.type().equals("image") ? "name" : "image");
        return filters.matchExact("image", id)
                || filters.matchExact("image", name)
                || filters.matchExact("image", withoutTag(id))
                || filters.matchExact("image", withoutTag(name));
    }

    private static @Nullable String withoutTag(@Nullable String reference) {
        if (reference == null) {
            return null;
        }
        int digest = reference.indexOf('@');
        String name = digest < 0 ? reference : reference.substring(0, digest);
        int colon = name.indexOf(':', name.lastIndexOf('/') + 1);
        return colon < 0 ? name : name.substring(0, colon);
    }
}
