package dev.capas.network.bridge;

import java.util.List;

/**
 * What connects a container with one bridge.
 *
 * @param ports what is published by way of this endpoint: of a container's endpoints one has them all
 */
public record Attachment(Bridge bridge, Endpoint endpoint, List<PortRequest> ports) {
    /** Copies the list. */
    public Attachment {
        ports = List.copyOf(ports);
    }
}
