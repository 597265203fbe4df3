/** What everything weighs, who shares what with whom, and what deleting would free. */
@NullMarked
package dev.capas.usage;

import org.jspecify.annotations.NullMarked;
