/** Tar archives of layers: read byte for byte, extracted as hostile input, and written again exactly. */
@NullMarked
package dev.capas.layer.tar;

import org.jspecify.annotations.NullMarked;
