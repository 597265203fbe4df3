package dev.capas.e2e;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What lies in a data root, found by {@code find} alone: the lengths of all that is no directory, each inode once; whiteouts have none.
 *
 * @param layers bytes by DiffID
 * @param containers bytes that containers have written, by ID
 * @param volumes bytes by name
 */
record StoreWalk(Map<String, Long> layers, Map<String, Long> containers, Map<String, Long> volumes) {
    private static final String SCRIPT = """
            cd "$0"
            walk() {
              for each in $1/*/; do
                each=${each%/}
                [ -d "$each/$2" ] && printf '%s %s %s\\n' "$3" "${each##*/}" "$(find "$each/$2" -xdev ! -type d -printf '%i %s\\n' | sort -u | awk '{ n += $2 } END { printf "%.0f", n }')"
              done
            }
            walk layers/sha256 diff layer
            walk containers upper container
            walk volumes _data volume
            true
            """;

    static StoreWalk of(Path dataRoot) {
        StoreWalk walk = new StoreWalk(new HashMap<>(), new HashMap<>(), new HashMap<>());
        Command.run("sh", "-c", SCRIPT, dataRoot.toString()).ok().lines().forEach(line -> {
            String[] words = line.split(" ");
            Map<String, Long> place = switch (words[0]) {
                case "layer" -> walk.layers;
                case "container" -> walk.containers;
                default -> walk.volumes;
            };
            place.put(words[1], Long.parseLong(words[2]));
        });
        return walk;
    }

    /** All of it. */
    long size() {
        return sum(layers) + sum(containers) + sum(volumes);
    }

    private static long sum(Map<String, Long> sizes) {
        return sizes.values().stream().mapToLong(Long::longValue).sum();
    }
}
