package dev.capas.container;

import dev.capas.event.EventBus;
import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Tells what happens to containers, each time with the container's labels, image and name, as dockerd does. */
@Component
class ContainerEvents {
    private final EventBus bus;

    ContainerEvents(EventBus bus) {
        this.bus = bus;
    }

    void publish(Container container, String action) {
        publish(container, action, Map.of());
    }

    /** The attributes are what this action has beyond what every one has. */
    void publish(Container container, String action, Map<String, String> attributes) {
        Map<String, String> all = new HashMap<>();
        if (container.config().labels() != null) {
            all.putAll(container.config().labels());
        }
        all.putAll(attributes);
        if (!container.image().isEmpty()) {
            all.put("image", container.image());
        }
        all.put("name", container.name());
        bus.publish("container", action, container.id(), all);
    }
}
