package dev.capas.runtime;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a container's init ended.
 *
 * @param code 0 to 255; 128 + n after signal n
 * @param at when
 * @param oomKilled whether the kernel killed for want of memory
 * @param error what {@code State.Error} has to say of it, null in the ordinary case
 */
public record Exit(
        int code, Instant at, boolean oomKilled, @Nullable String error) {}
