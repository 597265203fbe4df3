/** System calls that Java has no API for, and the start of processes. */
@NullMarked
package dev.capas.linux;

import org.jspecify.annotations.NullMarked;
