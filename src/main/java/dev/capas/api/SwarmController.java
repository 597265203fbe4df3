package dev.capas.api;

import dev.capas.errdefs.EngineException;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What Docker answers outside a swarm, where this engine always is; and that there are no managed plugins. */
@RestController
final class SwarmController {
    private static final String NO_MANAGER =
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\""
                    + " to connect this node to swarm and try again.";

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

    @PostMapping("/swarm/leave")
    void leave() {
        throw EngineException.unavailable("This node is not part of a swarm");
    }

    @PostMapping({"/swarm/init", "/swarm/join"})
    void join() {
        throw EngineException.notImplemented("Capas runs on a single host and cannot be part of a swarm");
    }

    @GetMapping("/plugins")
    List<String> plugins() {
        return List.of();
    }

    @GetMapping("/plugins/{name}/json")
    void plugin(@PathVariable String name) {
        throw EngineException.notFound("plugin \"" + name + "\" not found");
    }
}
