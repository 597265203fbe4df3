/** Images: references, manifests, configurations, history; load, save, import, pull, prune. */
@NullMarked
package dev.capas.image;

import org.jspecify.annotations.NullMarked;
