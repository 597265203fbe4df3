package dev.capas.image;

import dev.capas.oci.Digest;
import java.util.List;
import java.util.Map;

/** Who uses images. Containers are told by their own package, which knows images and is not known by them. */
public interface ImageUsers {
    /**
     * A container of an image.
     *
     * @param containerId its full ID
     * @param running whether it runs, be it paused or restarting
     */
    record User(String containerId, boolean running) {}

    /** The containers that were made from the image. */
    List<User> of(Digest image);

    /** The same for all images at once; images without one are not in it. */
    Map<Digest, List<User>> all();

    /** How many containers each image has; images without one are not in it. */
    Map<Digest, Long> counts();
}
