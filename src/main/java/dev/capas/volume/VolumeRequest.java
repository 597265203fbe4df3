package dev.capas.volume;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A volume that is asked for. What exists already is taken as it is, whatever else is asked for (as in dockerd).
 *
 * @param name empty for an anonymous one
 * @param driver empty for the default
 * @param options of the driver, null for none
 * @param labels null for none
 */
public record VolumeRequest(
        String name,
        String driver,
        @Nullable Map<String, String> options,
        @Nullable Map<String, String> labels) {
    /** A string that was not given is empty. */
    public VolumeRequest {
        name = Objects.requireNonNullElse(name, "");
        driver = Objects.requireNonNullElse(driver, "");
    }
}
