package dev.capas.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.oci.Json;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What a client says to be let in to a registry ({@code AuthConfig} of the Engine API, header {@code X-Registry-Auth}).
 *
 * @param username null or empty for nobody in particular
 * @param password of the user
 * @param identityToken a refresh token, which stands for user and password
 * @param registryToken a bearer token, sent as it is
 * @param serverAddress the registry that it is for
 */
public record Credentials(
        @Nullable String username,
        @Nullable String password,
        @JsonProperty("identitytoken") @Nullable String identityToken,
        @JsonProperty("registrytoken") @Nullable String registryToken,
        @JsonProperty("serveraddress") @Nullable String serverAddress) {
    /** Nobody. */
    public static final Credentials ANONYMOUS = new Credentials(null, null, null, null, null);

    /** Reads the header: JSON in Base64, the URL alphabet or the other. What cannot be read is nobody, as in dockerd. */
    public static Credentials ofHeader(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return ANONYMOUS;
        }
        try {
            byte[] json = Base64.getUrlDecoder()
                    .decode(header.strip().replace('+', '-').replace('/', '_'));
            Credentials read = Json.MAPPER.readValue(json, Credentials.class);
            return read == null ? ANONYMOUS : read;
        } catch (IllegalArgumentException | JacksonException e) {
            return ANONYMOUS;
        }
    }

    boolean hasPassword() {
        return username != null && !username.isEmpty() && password != null;
    }

    /** Leaves out the secrets. */
    @Override
    public String toString() {
        return "Credentials[" + username + " at " + serverAddress + "]";
    }
}
