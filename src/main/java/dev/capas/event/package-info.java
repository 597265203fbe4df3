/** The event bus. */
@NullMarked
package dev.capas.event;

import org.jspecify.annotations.NullMarked;
