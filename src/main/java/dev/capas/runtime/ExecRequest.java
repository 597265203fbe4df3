package dev.capas.runtime;

/**
 * A further process in a container.
 *
 * @param id the exec's 64 hexadecimal digits
 * @param process the {@code process} object of the OCI runtime specification, as JSON
 * @param terminal whether it has a pty
 * @param stdin whether standard input is attached; otherwise it is empty
 * @param hub its streams
 */
public record ExecRequest(String id, String process, boolean terminal, boolean stdin, StreamHub hub) {}
