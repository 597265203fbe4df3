package dev.capas.network.bridge;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container that an earlier daemon has started and that runs still.
 *
 * @param containerId 64 hexadecimal digits
 * @param init the process number of its init
 * @param conmon that of its conmon, which holds its ports; 0 if there is none
 * @param attachments as they were, the ports with the numbers that they got
 * @param resolving how it resolves names, or null where the daemon is not its resolver
 */
public record Running(
        String containerId,
        int init,
        int conmon,
        List<Attachment> attachments,
        @Nullable Resolving resolving) {
    /** Copies the list. */
    public Running {
        attachments = List.copyOf(attachments);
    }
}
