package dev.capas.usage;

import java.util.List;

/**
 * Something to be deleted.
 *
 * @param id the hexadecimal digits of an image, the ID of a container, the name of a volume
 * @param texts by what it is deleted: the names of an image to be taken away, or else as the client called it
 */
record Target(ReclaimPlan.Kind kind, String id, List<String> texts) {}
