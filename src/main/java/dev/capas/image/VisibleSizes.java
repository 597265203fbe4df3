package dev.capas.image;

import dev.capas.oci.Digest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What some of the images weigh, as if there were no others.
 *
 * @param layers the bytes of all their layers, each once
 * @param shared for each that has any, the bytes of its distinct layers that another of them lists too
 */
record VisibleSizes(long layers, Map<Digest, Long> shared) {
    /** A layer that an image lists, and its bytes. */
    record Listing(Digest image, Digest layer, long size) {}

    static VisibleSizes of(List<Listing> listings, Set<Digest> visible) {
        List<Listing> seen = listings.stream()
                .filter(listing -> visible.contains(listing.image()))
                .toList();
        Map<Digest, Integer> users = new HashMap<>();
        seen.forEach(listing -> users.merge(listing.layer(), 1, Integer::sum));
        Map<Digest, Long> shared = new HashMap<>();
        Set<Digest> counted = new HashSet<>();
        long layers = 0;
        for (Listing listing : seen) {
            if (users.get(listing.layer()) > 1) {
                shared.merge(listing.image(), listing.size(), Long::sum);
            }
            if (counted.add(listing.layer())) {
                layers += listing.size();
            }
        }
        return new VisibleSizes(layers, shared);
    }
}
