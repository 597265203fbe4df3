/** The kinds of failure that a client can be told of, free of HTTP. */
@NullMarked
package dev.capas.errdefs;

import org.jspecify.annotations.NullMarked;
