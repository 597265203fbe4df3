package dev.capas.container;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The networks that a container is to join at its creation ({@code NetworkingConfig}, Engine API 1.51).
 *
 * @param endpointsConfig by the name of the network; the values are {@code EndpointSettings}
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkingConfig(@Nullable Map<String, JsonNode> endpointsConfig) {}
