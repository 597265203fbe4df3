/** The HTTP face of the engine: one controller per tag of the Engine API, and what they share. Controllers hold no logic. */
@NullMarked
package dev.capas.api;

import org.jspecify.annotations.NullMarked;
