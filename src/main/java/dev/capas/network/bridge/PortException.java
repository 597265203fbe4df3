package dev.capas.network.bridge;

import java.io.IOException;

/**
 * A port of the host cannot be had. The message is the end of dockerd's: {@code failed to bind host port for
 * 127.0.0.1:8080:172.17.0.2:80/tcp: address already in use}.
 */
public final class PortException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String endpointId;

    PortException(String endpointId, String message) {
        super(message);
        this.endpointId = endpointId;
    }

    /** The endpoint that the port was for. */
    public String endpointId() {
        return endpointId;
    }
}
