package dev.capas.registry;

import dev.capas.oci.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A registry's refusal (OCI distribution specification, "Error Codes"); the message is as Docker prints it: {@code manifest unknown: …}. */
public final class RegistryFailure extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_BODY = 1 << 16;

    private final int status;
    private final String code;

    private RegistryFailure(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    /** Reads what the registry answered, and closes the answer. */
    static RegistryFailure of(HttpResponse<InputStream> answer) {
        byte[] body = new byte[0];
        try (InputStream in = answer.body()) {
            body = in.readNBytes(MAX_BODY);
        } catch (IOException e) {
            // the status alone has to do
        }
        int status = answer.statusCode();
        try {
            JsonNode error = Json.MAPPER.readTree(body).path("errors").path(0);
            String code = error.path("code").asString("");
            if (!code.isEmpty()) {
                String words = code.toLowerCase(Locale.ROOT).replace('_', ' ');
                return new RegistryFailure(
                        status, code, words + ": " + error.path("message").asString(words));
            }
        } catch (JacksonException e) {
            // not every proxy speaks JSON
        }
        return switch (status) {
            case 401 -> new RegistryFailure(status, "UNAUTHORIZED", "unauthorized: authentication required");
            case 403 -> new RegistryFailure(status, "DENIED", "denied: requested access to the resource is denied");
            case 404 -> new RegistryFailure(status, "MANIFEST_UNKNOWN", "manifest unknown: manifest unknown");
            case 429 -> new RegistryFailure(status, "TOOMANYREQUESTS", "toomanyrequests: too many requests");
            default -> new RegistryFailure(status, "", "received unexpected HTTP status: " + status);
        };
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The registry's own code, for example {@code MANIFEST_UNKNOWN}; empty where it gave none. */
    public String code() {
        return code;
    }

    /** Whether the same request may succeed a little later. */
    boolean isTransient() {
        return status >= 500 || status == 429 || status == 408;
    }
}
