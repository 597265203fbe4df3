package dev.capas.container.spec;

import java.nio.file.Path;

/**
 * A running container, some of whose namespaces another one joins.
 *
 * @param pid of its init
 * @param directory {@code containers/<id>}
 * @param hostname its hostname
 */
public record Neighbour(int pid, Path directory, String hostname) {}
