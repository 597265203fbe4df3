/** The query parameters that many endpoints share: filters and timestamps. */
@NullMarked
package dev.capas.filter;

import org.jspecify.annotations.NullMarked;
