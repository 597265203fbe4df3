package dev.capas.usage;

import dev.capas.image.Removal;
import java.util.List;

/**
 * What a plan did.
 *
 * @param containers the IDs of those that went
 * @param volumes the names of those that went
 * @param images the steps in Docker's order
 * @param spaceReclaimed the apparent bytes that went
 */
public record Reclaimed(List<String> containers, List<String> volumes, List<Removal> images, long spaceReclaimed) {}
