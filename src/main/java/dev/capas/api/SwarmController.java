package dev.capas.api;

import dev.capas.errdefs.EngineException;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What Docker answers outside a swarm, where this engine always is; and that there are no managed plugins. */
@RestController
@Tag(name = "Plugin")
final class SwarmController {
    private static final String NO_MANAGER =
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\""
                    + " to connect this node to swarm and try again.";

    @Hidden
    @RequestMapping({
        "/swarm",
        "/swarm/update",
        "/swarm/unlockkey",
        "/swarm/unlock",
        "/nodes",
        "/nodes/{id}",
        "/nodes/{id}/update",
        "/services",
        "/services/create",
        "/services/{id}",
        "/services/{id}/update",
        "/services/{id}/logs",
        "/tasks",
        "/tasks/{id}",
        "/tasks/{id}/logs",
        "/secrets",
        "/secrets/create",
        "/secrets/{id}",
        "/secrets/{id}/update",
        "/configs",
        "/configs/create",
        "/configs/{id}",
        "/configs/{id}/update"
    })
    void needsManager() {
        throw EngineException.unavailable(NO_MANAGER);
    }

    /** Refused: there is no swarm to leave. */
    @Hidden
    @PostMapping("/swarm/leave")
    void leave() {
        throw EngineException.unavailable("This node is not part of a swarm");
    }

    /** Refused: this engine is never part of a swarm. */
    @Hidden
    @PostMapping({"/swarm/init", "/swarm/join"})
    void join() {
        throw EngineException.notImplemented("Capas runs on a single host and cannot be part of a swarm");
    }

    /** Lists managed plugins, of which there are none. */
    @GetMapping("/plugins")
    List<String> plugins() {
        return List.of();
    }

    /**
     * Refused: there are no managed plugins.
     *
     * @param name of the plugin
     */
    @GetMapping("/plugins/{name}/json")
    void plugin(@PathVariable String name) {
        throw EngineException.notFound("plugin \"" + name + "\" not found");
    }
}
