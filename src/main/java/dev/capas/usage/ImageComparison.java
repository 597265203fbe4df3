package dev.capas.usage;

import dev.capas.errdefs.EngineException;
import dev.capas.image.Distribution;
import dev.capas.image.Image;
import dev.capas.image.Images;
import dev.capas.image.RemoteImage;
import dev.capas.layer.FileIndex;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerStore;
import dev.capas.layer.index.MergedTree;
import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Platform;
import dev.capas.oci.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;

/** Says in what two images differ. */
@Service
public class ImageComparison {
    private final Images images;
    private final LayerStore layers;
    private final FileIndex index;
    private final Distribution distribution;

    ImageComparison(Images images, LayerStore layers, FileIndex index, Distribution distribution) {
        this.images = images;
        this.layers = layers;
        this.index = index;
        this.distribution = distribution;
    }

    /** Who looks up what is not here. */
    public interface Registry {
        /**
         * Describes an image of a registry.
         *
         * @throws EngineException if it is not there, or must not be asked for
         */
        RemoteImage describe(Distribution distribution, Reference name, Platform platform);
    }

    /**
     * Compares an image with another one, which may be in a registry: then its manifest and configuration are fetched, and nothing is
     * known of its files.
     *
     * @param registry asked where no image of the name is here
     * @throws EngineException if there is no such image (404), or both are the same (400)
     */
    public Comparison compare(String name, String base, Registry registry) {
        if (base.isEmpty()) {
            throw EngineException.invalidParameter("the parameter 'base' is needed: the image to compare with");
        }
        Image image = images.resolve(name);
        Image other;
        try {
            other = images.resolve(base);
        } catch (EngineException e) {
            if (e.kind() != EngineException.Kind.NOT_FOUND || isId(base)) {
                throw e;
            }
            RemoteImage remote = registry.describe(
                    distribution, Reference.parse(base), image.config().platform());
            return compareRemote(image, remote, name, base);
        }
        requireTwo(image.id(), other.id(), name, base);
        Map<Digest, Layer> here = here(image.config(), other.config());
        return new Comparison(
                side(image.id(), image.config(), here, List.of()),
                side(other.id(), other.config(), here, List.of()),
                false,
                files(other, image));
    }

    /** The files of both, each read by a thread of its own. */
    FileComparison files(Image base, Image image) {
        CompletableFuture<MergedTree> baseTree = CompletableFuture.supplyAsync(() -> index.merged(base.diffIds()));
        MergedTree tree = index.merged(image.diffIds());
        try {
            return FileComparison.of(baseTree.join(), tree);
        } catch (CompletionException e) {
            throw e.getCause() instanceof EngineException told ? told : e;
        }
    }

    private Comparison compareRemote(Image image, RemoteImage remote, String name, String base) {
        requireTwo(image.id(), remote.id(), name, base);
        Map<Digest, Layer> here = here(image.config(), remote.config());
        return new Comparison(
                side(image.id(), image.config(), here, List.of()),
                side(remote.id(), remote.config(), here, remote.compressedSizes()),
                true,
                null);
    }

    private static boolean isId(String text) {
        return text.matches("sha256:[0-9a-f]{1,64}|[0-9a-f]{64}");
    }

    private static void requireTwo(Digest image, Digest base, String name, String baseName) {
        if (image.equals(base)) {
            throw EngineException.invalidParameter(
                    "invalid base: " + baseName + " is the image " + name + " itself (" + image + ")");
        }
    }

    private Map<Digest, Layer> here(ImageConfig image, ImageConfig base) {
        Collection<Digest> all = new ArrayList<>(image.diffIds());
        all.addAll(base.diffIds());
        return layers.findAll(all.stream().distinct().toList()).stream()
                .collect(Collectors.toMap(Layer::diffId, Function.identity()));
    }

    private static Comparison.Side side(
            Digest id, ImageConfig config, Map<Digest, Layer> here, List<Long> compressedSizes) {
        List<Comparison.SizedLayer> sized = new ArrayList<>();
        for (Digest diffId : config.diffIds()) {
            Long compressed = compressedSizes.isEmpty() ? null : compressedSizes.get(sized.size());
            sized.add(Comparison.SizedLayer.of(diffId, here, compressed));
        }
        return new Comparison.Side(id, sized);
    }
}
