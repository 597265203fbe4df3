package dev.capas.volume;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who uses volumes; told by those who know, so that this package knows nothing of containers. */
public interface VolumeUsers {
    /** The IDs of the containers, running or not, of each volume that has any, the oldest first. */
    Map<String, List<String>> all();

    /** The names of those that a container may be writing to now. */
    Set<String> written();
}
