package dev.capas.container;

/**
 * What a client that attaches wants.
 *
 * @param logs whether what was written before comes first
 * @param stream whether to stay for what comes; without it the attachment ends after the logs
 * @param stdin whether the client types
 * @param stdout whether standard output is wanted
 * @param stderr whether standard error is wanted
 * @param detachKeys in Docker's notation, empty for the usual ones
 */
public record AttachOptions(
        boolean logs, boolean stream, boolean stdin, boolean stdout, boolean stderr, String detachKeys) {}
