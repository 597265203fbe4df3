package dev.capas.container;

import dev.capas.network.EndpointSettings;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The networks that a container is to join at its creation ({@code NetworkingConfig}, Engine API 1.51).
 *
 * @param endpointsConfig by the name or ID of the network
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkingConfig(@Nullable Map<String, @Nullable EndpointSettings> endpointsConfig) {
    /** What it asks for, empty where it asks for nothing. */
    Map<String, @Nullable EndpointSettings> endpoints() {
        return endpointsConfig == null ? Map.of() : endpointsConfig;
    }
}
