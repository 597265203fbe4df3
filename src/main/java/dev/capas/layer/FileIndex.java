package dev.capas.layer;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.index.LayerTree;
import dev.capas.layer.index.MergedTree;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/** What lies in layers, as their journals have it: the files of an image are known without a look at its trees. */
@Component
public class FileIndex {
    private final DiskLayerStore store;

    FileIndex(DiskLayerStore store) {
        this.store = store;
    }

    /**
     * The files of one layer; {@link LayerTree#layer()} is the DiffID.
     *
     * @throws EngineException if the layer is damaged or not here
     */
    public LayerTree files(Digest diffId) {
        store.requireWhole(List.of(diffId));
        try {
            return LayerTree.read(store.files().layer(diffId), diffId.toString());
        } catch (NoSuchFileException e) {
            throw EngineException.notFound("No such layer: " + diffId);
        } catch (IOException e) {
            throw EngineException.system("cannot read the index of layer " + diffId + ": " + e.getMessage(), e);
        }
    }

    /**
     * What a stack (bottom first, a layer as often as it occurs) shows and hides. What occurs again lies at its topmost place, as it is mounted,
     * so that the bytes of the distinct layers are those of the tree and of what is hidden in it.
     *
     * @throws EngineException if a layer is damaged or not here
     */
    public MergedTree merged(List<Digest> stack) {
        return MergedTree.of(layers(stack));
    }

    /** The layers of {@link #merged}, for who has another one to lay on them. */
    public List<LayerTree> layers(List<Digest> stack) {
        return new ArrayList<>(
                stack.reversed().stream().distinct().map(this::files).toList().reversed());
    }
}
