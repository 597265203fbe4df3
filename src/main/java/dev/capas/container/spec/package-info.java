/** From a container's configuration to the specification that the OCI runtime is given, and the files that are mounted over its {@code /etc}. */
@NullMarked
package dev.capas.container.spec;

import org.jspecify.annotations.NullMarked;
