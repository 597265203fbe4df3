package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.capas.container.Container;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** How a container ended ({@code ContainerWaitResponse}, Engine API 1.51). */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "ContainerWaitResponse")
record WaitResponse(int statusCode, @Nullable ExitError error) {
    /** What went wrong while waiting. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ContainerWaitExitError")
    record ExitError(String message) {}

    static WaitResponse of(Container.Ending ending) {
        return new WaitResponse(ending.exitCode(), ending.error() == null ? null : new ExitError(ending.error()));
    }
}
