package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.network.EndpointSettings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A container in a list ({@code ContainerSummary}, Engine API 1.51).
 *
 * @param command the whole line, arguments with a space quoted
 * @param created Unix seconds
 * @param sizeRw bytes that it has written; absent where 0 or not asked for
 * @param sizeRootFs those and the bytes of its image; absent where 0 or not asked for
 * @param status for people: "Up 2 minutes"
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ContainerSummary(
        String id,
        List<String> names,
        String image,
        @JsonProperty("ImageID") String imageId,
        String command,
        long created,
        List<Port> ports,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long sizeRw,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long sizeRootFs,
        Map<String, String> labels,
        String state,
        String status,
        Host hostConfig,
        Networks networkSettings,
        List<MountPoint.Shown> mounts) {
    /** A port of the container, and by which of the host it is reached; absent and 0 where by none. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Port(
            @JsonProperty("IP") @JsonInclude(JsonInclude.Include.NON_EMPTY)
            String ip,

            int privatePort,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) int publicPort,
            String type) {}

    /** Of its {@code HostConfig}, what a list shows. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Host(
            String networkMode,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
            Map<String, String> annotations) {}

    /** Of its {@code NetworkSettings}, what a list shows. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Networks(Map<String, EndpointSettings> networks) {}
}
