package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.capas.container.ContainerConfig;
import dev.capas.container.HostConfig;
import dev.capas.container.NetworkingConfig;
import org.jspecify.annotations.Nullable;

/** The body of {@code POST /containers/create}: a {@link ContainerConfig} with two more fields among its own. */
record CreateBody(
        @JsonUnwrapped ContainerConfig config,
        @JsonProperty("HostConfig") @Nullable HostConfig hostConfig,
        @JsonProperty("NetworkingConfig") @Nullable NetworkingConfig networkingConfig) {}
