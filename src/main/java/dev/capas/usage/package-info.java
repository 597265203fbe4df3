/** What everything weighs, and who shares what with whom. */
@NullMarked
package dev.capas.usage;

import org.jspecify.annotations.NullMarked;
