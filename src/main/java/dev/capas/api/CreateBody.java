package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.capas.container.ContainerConfig;
import dev.capas.container.CreateRequest;
import dev.capas.container.HostConfig;
import dev.capas.container.NetworkingConfig;
import dev.capas.errdefs.EngineException;
import dev.capas.oci.Platform;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** The body of {@code POST /containers/create}: a {@link ContainerConfig} with two more fields among its own. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@Schema(name = "ContainerCreateRequest")
record CreateBody(
        @JsonUnwrapped @Nullable ContainerConfig config,
        @Nullable HostConfig hostConfig,
        @Nullable NetworkingConfig networkingConfig) {
    private static final Set<String> OF_CONFIG = Arrays.stream(ContainerConfig.class.getRecordComponents())
            .map(component -> component.getName().toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());

    /** Reads the body; what is wrong keeps its place in it. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static CreateBody of(JsonNode body) {
        boolean hasConfig =
                body.propertyNames().stream().anyMatch(name -> OF_CONFIG.contains(name.toLowerCase(Locale.ROOT)));
        return new CreateBody(
                hasConfig || !body.isObject() ? JsonBody.STRICT.treeToValue(body, ContainerConfig.class) : null,
                field(body, "HostConfig", HostConfig.class),
                field(body, "NetworkingConfig", NetworkingConfig.class));
    }

    /**
     * What it asks for.
     *
     * @throws EngineException if it says nothing of the container itself (400)
     */
    CreateRequest request(@Nullable String name, @Nullable Platform platform) {
        if (config == null) {
            throw EngineException.invalidParameter("config cannot be empty in order to create a container");
        }
        return new CreateRequest(name, platform, config, hostConfig, networkingConfig);
    }

    /** Refuses more than one network, which clients older than that could not ask for (400). */
    void checkOneNetwork() {
        Set<String> names = networkingConfig == null || networkingConfig.endpointsConfig() == null
                ? Set.of()
                : new TreeSet<>(networkingConfig.endpointsConfig().keySet());
        if (names.size() > 1) {
            throw EngineException.invalidParameter(
                    "Container cannot be created with multiple network endpoints: " + String.join(", ", names));
        }
    }

    private static <T> @Nullable T field(JsonNode body, String name, Class<T> type) {
        JsonNode value = body.properties().stream()
                .filter(field -> field.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
        try {
            return value == null ? null : JsonBody.STRICT.treeToValue(value, type);
        } catch (JacksonException e) {
            throw e.prependPath(CreateBody.class, name);
        }
    }
}
