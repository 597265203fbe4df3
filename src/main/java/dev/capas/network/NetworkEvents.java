package dev.capas.network;

import dev.capas.event.EventBus;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Tells what happens to networks. */
@Component
public class NetworkEvents {
    private final EventBus bus;

    NetworkEvents(EventBus bus) {
        this.bus = bus;
    }

    void publish(Network network, String action) {
        publish(network, action, Map.of());
    }

    /** Tells that a container came into a network ({@code connect}) or left it ({@code disconnect}). */
    public void publish(Network network, String action, String containerId) {
        publish(network, action, Map.of("container", containerId));
    }

    private void publish(Network network, String action, Map<String, String> details) {
        Map<String, String> attributes = new TreeMap<>(details);
        attributes.put("name", network.name());
        attributes.put("type", network.definition().driver());
        // one that names a container is not for whoever may not know of that
        bus.publish(
                "network",
                action,
                network.id(),
                attributes,
                details.isEmpty() ? network.definition().labels() : Map.of());
    }

    void pruned() {
        bus.publish("network", "prune", "", Map.of("reclaimed", "0"));
    }
}
