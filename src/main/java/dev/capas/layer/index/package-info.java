/** What lies in layers and in stacks of them, from the indexes that their journals are: nothing here looks at a read-only layer's tree. */
@NullMarked
package dev.capas.layer.index;

import org.jspecify.annotations.NullMarked;
