/** Containers: lifecycle, read-write layer, logs, attach, exec, archive copy, changes, stats. */
@NullMarked
package dev.capas.container;

import org.jspecify.annotations.NullMarked;
