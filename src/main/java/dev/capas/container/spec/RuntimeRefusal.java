package dev.capas.container.spec;

import dev.capas.errdefs.EngineException;

/** What an OCI runtime would refuse, refused before it starts, in the words that dockerd passes on from runc. */
final class RuntimeRefusal {
    private RuntimeRefusal() {}

    /** What the init of the container would refuse. */
    static EngineException ofInit(String reason) {
        return of("unable to start container process: error during container init: " + reason);
    }

    static EngineException of(String reason) {
        return EngineException.system(
                "failed to create task for container: failed to create shim task: OCI runtime create failed: "
                        + "runc create failed: " + reason,
                null);
    }
}
