package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The answer to {@code GET /version}. Where Docker names the version of Go, this engine gives Java's.
 *
 * @param version the Docker release whose behaviour clients may expect, and the version of Capas
 * @param buildTime RFC 3339; empty for a build that does not say
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record SystemVersion(
        Platform platform,
        List<Component> components,
        String version,
        String apiVersion,
        @JsonProperty("MinAPIVersion") String minApiVersion,
        String gitCommit,
        String goVersion,
        String os,
        String arch,
        String kernelVersion,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String buildTime) {
    /** Who makes the engine. */
    public record Platform(@JsonProperty("Name") String name) {}

    /** A program that the engine consists of or starts. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Component(String name, String version, Map<String, String> details) {}
}
