/** The registry protocol: pull, authentication, mirrors. */
@NullMarked
package dev.capas.registry;

import org.jspecify.annotations.NullMarked;
