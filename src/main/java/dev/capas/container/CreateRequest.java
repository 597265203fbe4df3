package dev.capas.container;

import dev.capas.oci.Platform;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for with {@code POST /containers/create}.
 *
 * @param name null or empty for a random one
 * @param platform null for whatever the image is for
 * @param hostConfig null for the defaults
 * @param networking null for the default network
 */
public record CreateRequest(
        @Nullable String name,
        @Nullable Platform platform,
        ContainerConfig config,
        @Nullable HostConfig hostConfig,
        @Nullable NetworkingConfig networking) {}
