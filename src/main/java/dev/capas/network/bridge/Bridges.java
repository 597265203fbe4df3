package dev.capas.network.bridge;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All bridges of this engine and who is on them. What {@code ip} and {@code nft} refuse is an {@link IOException} with their words;
 * nothing half-made stays then.
 */
public interface Bridges {
    /** Why there can be no bridge here, in words for {@code Warnings} of {@code /info}; every other method fails then. */
    Optional<String> unavailable();

    /** That a firewall of somebody else may keep traffic from containers, in words for {@code Warnings} of {@code /info}. */
    Optional<String> warning();

    /**
     * Takes up what an earlier daemon has left, before anything else is done here: links, rules and ports of what is named stay as they
     * are, or are made again where they are gone (after a reboot); what is not named is removed.
     *
     * @return by container ID; one that ended meanwhile has none
     */
    Map<String, Sandbox> restore(Collection<Bridge> bridges, Collection<Running> running) throws IOException;

    /**
     * Makes a bridge with its rules. An interface of this name that is there already is used, if it is a bridge.
     *
     * @throws IOException if it cannot be made; nothing of it stays
     */
    void create(Bridge bridge) throws IOException;

    /** Removes a bridge that nobody is on with its rules; the interface stays if it was there before. It may be gone already. */
    void remove(Bridge bridge) throws IOException;

    /**
     * Makes a network namespace for a container that is about to start, with loopback up; begins to put it on bridges, and returns while
     * that is under way ({@link Sandbox#await}).
     *
     * @param attachments none for a namespace with loopback only
     * @param resolving how it resolves names, or null where the daemon is not its resolver
     * @throws PortException if a port cannot be had; nothing of it stays
     */
    Sandbox open(String containerId, List<Attachment> attachments, @Nullable Resolving resolving) throws IOException;

    /**
     * Takes up a container that runs already in a network namespace of somebody else's making.
     *
     * @param running without attachments
     */
    Sandbox adopt(Running running) throws IOException;
}
