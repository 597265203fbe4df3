package dev.capas.container.spec;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a container is told of its networks.
 *
 * @param namespace its network namespace, null where the OCI runtime makes one or joins another's
 * @param hosts lines of its {@code /etc/hosts}: its own addresses, and what it is linked to
 * @param resolver whether the engine resolves names for it
 * @param hostGateways what {@code host-gateway} stands for
 * @param environment variables of links, {@code NAME=value}
 */
public record Connectivity(
        @Nullable Path namespace,
        List<String> hosts,
        boolean resolver,
        List<String> hostGateways,
        List<String> environment) {
    /** Nothing but what it would have without networks. */
    public static final Connectivity NONE = new Connectivity(null, List.of(), false, List.of(), List.of());
}
