package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.capas.container.ContainerConfig;
import dev.capas.container.HostConfig;
import dev.capas.container.NetworkingConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;

/** The body of {@code POST /containers/create}: a {@link ContainerConfig} with two more fields among its own. */
record CreateBody(
        ContainerConfig config,
        @Nullable HostConfig hostConfig,
        @Nullable NetworkingConfig networkingConfig) {
    /** Reads the body; what is wrong keeps its place in it. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static CreateBody of(JsonNode body) {
        return new CreateBody(
                JsonBody.STRICT.treeToValue(body, ContainerConfig.class),
                field(body, "HostConfig", HostConfig.class),
                field(body, "NetworkingConfig", NetworkingConfig.class));
    }

    private static <T> @Nullable T field(JsonNode body, String name, Class<T> type) {
        JsonNode value = body.properties().stream()
                .filter(field -> field.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
        try {
            return value == null ? null : JsonBody.STRICT.treeToValue(value, type);
        } catch (DatabindException e) {
            throw e.prependPath(CreateBody.class, name);
        }
    }
}
