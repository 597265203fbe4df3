package dev.capas.image;

import dev.capas.oci.Reference;
import java.util.List;

/**
 * An image in a list.
 *
 * @param image what it is
 * @param names its tags and digests, sorted; those asked for where names were filtered on
 * @param sharedSize the bytes of its layers that other images list too, -1 where not asked for
 * @param containers how many containers were made from it
 */
public record ImageSummary(ListedImage image, List<Reference> names, long sharedSize, long containers) {}
