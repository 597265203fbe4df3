package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.image.Distribution;
import dev.capas.oci.Descriptor;
import dev.capas.oci.Platform;
import dev.capas.registry.Credentials;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** The Distribution tag of the Engine API, and {@code /auth}: what registries say. */
@RestController
@Tag(name = "Distribution")
final class DistributionController {
    private final Distribution distribution;

    DistributionController(Distribution distribution) {
        this.distribution = distribution;
    }

    /** {@code DistributionInspect} of the Engine API. */
    @Schema(name = "DistributionInspect")
    record Inspect(
            @JsonProperty("Descriptor") Descriptor descriptor,
            @JsonProperty("Platforms") List<Platform> platforms) {}

    /** The answer of {@code POST /auth}. */
    @Schema(name = "AuthResponse")
    record Login(
            @JsonProperty("IdentityToken") String identityToken,
            @JsonProperty("Status") String status) {}

    /**
     * Asks a registry for the digest and the platforms of an image.
     *
     * @param name of the image
     * @param auth credentials as JSON in Base64
     */
    @GetMapping("/distribution/{name}/json")
    Inspect inspect(
            @PathVariable String name,
            @RequestHeader(name = "X-Registry-Auth", required = false) @Nullable String auth) {
        Distribution.Found found = distribution.find(name, Credentials.ofHeader(auth));
        return new Inspect(found.descriptor(), found.platforms());
    }

    /**
     * Tries credentials at their registry.
     *
     * @param credentials user, password and registry
     */
    @PostMapping("/auth")
    Login login(@RequestBody Credentials credentials) {
        distribution.login(credentials);
        return new Login("", "Login Succeeded");
    }
}
