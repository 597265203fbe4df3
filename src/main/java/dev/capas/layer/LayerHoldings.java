package dev.capas.layer;

import dev.capas.oci.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All layers and who held them at one moment, as something to try on: to take a holder from it changes nothing in the store. Not safe for use by several threads. */
public final class LayerHoldings {
    private final Map<Digest, Layer> layers = new HashMap<>();
    private final Map<Digest, Set<LayerHolder>> holders = new HashMap<>();
    private final Map<LayerHolder, Set<Digest>> held = new HashMap<>();

    LayerHoldings(List<Layer> layers) {
        layers.forEach(layer -> this.layers.put(layer.diffId(), layer));
    }

    void add(LayerHolder holder, Digest layer) {
        holders.computeIfAbsent(layer, id -> new LinkedHashSet<>()).add(holder);
        held.computeIfAbsent(holder, id -> new LinkedHashSet<>()).add(layer);
    }

    /** The layer, null where it is not here. */
    public @Nullable Layer layer(Digest diffId) {
        return layers.get(diffId);
    }

    /** Who holds it still. */
    public Set<LayerHolder> holders(Digest layer) {
        return holders.getOrDefault(layer, Set.of());
    }

    /** What it holds still, each layer once. */
    public Set<Digest> held(LayerHolder holder) {
        return held.getOrDefault(holder, Set.of());
    }

    /** The layers that these hold and nobody else does. */
    public Set<Layer> heldOnlyBy(Set<LayerHolder> some) {
        Set<Layer> only = new LinkedHashSet<>();
        for (LayerHolder holder : some) {
            for (Digest diffId : held(holder)) {
                Layer layer = layers.get(diffId);
                if (layer != null && some.containsAll(holders(diffId))) {
                    only.add(layer);
                }
            }
        }
        return only;
    }

    /** The same for another try. */
    public LayerHoldings copy() {
        LayerHoldings copy = new LayerHoldings(List.copyOf(layers.values()));
        held.forEach((holder, all) -> all.forEach(layer -> copy.add(holder, layer)));
        return copy;
    }

    /** Takes a holder away; returns the layers that nobody holds any more then, which the store would remove. */
    public List<Layer> release(LayerHolder holder) {
        List<Layer> gone = new ArrayList<>();
        for (Digest diffId : new HashSet<>(held(holder))) {
            Set<LayerHolder> left = holders.getOrDefault(diffId, new HashSet<>());
            left.remove(holder);
            Layer layer = layers.get(diffId);
            if (left.isEmpty() && layer != null) {
                gone.add(layer);
            }
        }
        held.remove(holder);
        return gone;
    }
}
