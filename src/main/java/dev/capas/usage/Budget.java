package dev.capas.usage;

import dev.capas.oci.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether an image weighs what it may. */
public record Budget(Digest image, List<Rule> rules) {
    /**
     * A rule and what it found.
     *
     * @param name the parameter that gave it
     * @param limit in bytes
     * @param actual in bytes; a growth may be negative
     * @param onlyWarns whether an image passes that breaks it
     * @param layers those that break it most, the largest share first; none where it holds
     * @param files those that break it most, the largest share first; none where it holds
     */
    public record Rule(
            String name, long limit, long actual, boolean onlyWarns, List<LayerStep> layers, List<File> files) {
        public boolean holds() {
            return actual <= limit;
        }
    }

    /**
     * A file that helps to break a rule.
     *
     * @param size the bytes that it adds to the figure
     * @param layer where these bytes are
     * @param hiddenBy the layer because of which nobody sees them, null where they are seen
     */
    public record File(
            FilePath path,
            long size,
            LayerStep layer,
            @Nullable LayerStep hiddenBy) {}

    /** Whether every rule holds that does not only warn. */
    public boolean passed() {
        return rules.stream().allMatch(rule -> rule.holds() || rule.onlyWarns());
    }
}
