package dev.capas.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A list of manifests, one for each platform (OCI image specification, "Image Index"; Docker's manifest list has the same form).
 *
 * @param schemaVersion 2
 * @param mediaType what the document says it is
 * @param manifests point to the manifests
 * @param annotations of the index
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"schemaVersion", "mediaType", "manifests", "annotations"})
public record Index(
        int schemaVersion,
        @Nullable String mediaType,
        @JsonInclude @Nullable List<Descriptor> manifests,
        @Nullable Map<String, String> annotations) {}
