package dev.capas.container;

import dev.capas.event.EventBus;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Tells what happens to containers, with what every event of one says: its labels, image and name. */
@Component
class ContainerEvents {
    private final EventBus bus;

    ContainerEvents(EventBus bus) {
        this.bus = bus;
    }

    /** Tells of an action. */
    void publish(Container container, String action) {
        publish(container, action, Map.of());
    }

    /** Tells of an action, with what the action adds. */
    void publish(Container container, String action, Map<String, String> details) {
        Map<String, String> labels =
                Objects.requireNonNullElse(container.config().labels(), Map.of());
        Map<String, String> attributes = new TreeMap<>(labels);
        attributes.put("image", container.image());
        attributes.put("name", container.name());
        attributes.putAll(details);
        bus.publish("container", action, container.id(), attributes, labels);
    }

    /** Tells of a prune of containers. */
    void pruned(long reclaimed) {
        bus.publish("container", "prune", "", Map.of("reclaimed", Long.toString(reclaimed)));
    }
}
