/** What everything weighs, what shares what, and what deleting would free. */
@NullMarked
package dev.capas.usage;

import org.jspecify.annotations.NullMarked;
