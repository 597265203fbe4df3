/** Volumes: directories that outlive containers, named and anonymous, with what the driver {@code local} mounts on them. */
@NullMarked
package dev.capas.volume;

import org.jspecify.annotations.NullMarked;
