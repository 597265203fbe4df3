/** Where an engine keeps what it owns. */
@NullMarked
package dev.capas.home;

import org.jspecify.annotations.NullMarked;
