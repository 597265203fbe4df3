/** The command line, the configuration, the listeners, and what happens at the start and the stop of the engine. */
@NullMarked
package dev.capas.daemon;

import org.jspecify.annotations.NullMarked;
