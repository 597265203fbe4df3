/** The layer store: DiffID-keyed trees on disk, who shares them, what they weigh, and when they go. */
@NullMarked
package dev.capas.layer;

import org.jspecify.annotations.NullMarked;
