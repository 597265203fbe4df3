package dev.capas.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Points to a blob or a manifest (OCI image specification, "OCI Content Descriptors").
 *
 * @param mediaType what the target is, or null where nothing says
 * @param digest of the target, or null where the document lacks it
 * @param size of the target in bytes
 * @param urls further places to get it from
 * @param annotations of the target
 * @param platform of the manifest that an index points to
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"mediaType", "digest", "size", "urls", "annotations", "platform"})
public record Descriptor(
        @Nullable String mediaType,
        @Nullable BlobDigest digest,
        long size,
        @Nullable List<String> urls,
        @Nullable Map<String, String> annotations,
        @Nullable Platform platform) {
    /** A descriptor of just these bytes. */
    public static Descriptor of(String mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, BlobDigest.of(digest), size, null, null, null);
    }
}
