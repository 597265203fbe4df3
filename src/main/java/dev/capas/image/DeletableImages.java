package dev.capas.image;

import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.util.List;
import java.util.Optional;

/** What a deletion reads and changes: the images themselves, or a draft of them. */
interface DeletableImages extends ImageLookup {
    /** The names of the image, sorted. */
    List<Reference> namesOf(Digest image);

    /** Whether others were made from it. */
    boolean hasChildren(Digest image);

    /** The containers that were made from it. */
    List<ImageUsers.User> usersOf(Digest image);

    /** Takes a name away; where it was the last one, the image stays all the same. */
    void removeName(Reference name);

    /** Tells that a name was taken from an image. */
    void tellUntagged(Digest image);

    /** Removes the image, which has no name any more. */
    void remove(Digest image);

    /** The image that one, which may be gone by now, was committed from here, where that is here still. */
    Optional<Digest> parentOf(Digest image);
}
