package dev.capas.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The manifest of one image (OCI image specification, "Image Manifest"; Docker's schema 2 has the same form).
 *
 * @param schemaVersion 2
 * @param mediaType what the document says it is
 * @param config points to the image configuration
 * @param layers point to the layer blobs, bottom first
 * @param annotations of the image
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"schemaVersion", "mediaType", "config", "layers", "annotations"})
public record Manifest(
        int schemaVersion,
        @Nullable String mediaType,
        @Nullable Descriptor config,
        @Nullable List<Descriptor> layers,
        @Nullable Map<String, String> annotations) {}
