/** Networks as clients know them: what they are called, their addresses, who is in them. */
@NullMarked
package dev.capas.network;

import org.jspecify.annotations.NullMarked;
