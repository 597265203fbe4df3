package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.event.EventBus;
import dev.capas.filter.Visibility;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerStore;
import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Platform;
import dev.capas.oci.Reference;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Finds images by whatever a user calls them, and gives them names. */
@Service
public class Images {
    private final ImageStore store;
    private final ReferenceStore references;
    private final LayerStore layers;
    private final EventBus events;
    private final ImageLookup lookup;

    Images(ImageStore store, ReferenceStore references, LayerStore layers, EventBus events) {
        this.store = store;
        this.references = references;
        this.layers = layers;
        this.events = events;
        this.lookup = new Lookup(store, references);
    }

    /**
     * The image that a user means by a name, a name and digest, an ID or the beginning of an ID. A name counts before an ID; digits that
     * several IDs begin with mean none.
     *
     * @throws EngineException if there is none ("No such image: …"), or the text can be neither (400)
     */
    public Image resolve(String text) {
        Digest id = lookup.identify(text);
        return find(id).orElseThrow(() -> EngineException.notFound("No such image: " + id));
    }

    /**
     * Like {@link #resolve(String)}, where the client insists on a platform.
     *
     * @throws EngineException also if the image is for another (404)
     */
    public Image resolve(String text, @Nullable Platform platform) {
        Image image = resolve(text);
        if (platform != null && !image.config().platform().satisfies(platform)) {
            throw EngineException.notFound("image with reference " + text + " was found but its platform ("
                    + image.config().platform().normalized() + ") does not match the specified platform ("
                    + platform.normalized() + ")");
        }
        return image;
    }

    /** How images are found here. */
    ImageLookup lookup() {
        return lookup;
    }

    private record Lookup(ImageStore store, ReferenceStore references) implements ImageLookup {
        @Override
        public boolean has(Digest id) {
            return store.find(id)
                    .filter(image -> Visibility.shows(image.labels()))
                    .isPresent();
        }

        @Override
        public Optional<Digest> named(Reference name) {
            return references.find(name);
        }

        @Override
        public Optional<Digest> beginningWith(String hexPrefix) {
            return store.findByPrefix(hexPrefix);
        }
    }

    /** The image with this ID. */
    public Optional<Image> find(Digest id) {
        return store.find(id).filter(image -> Visibility.shows(image.labels()));
    }

    /** The names of the image, tags and digests, sorted. */
    public List<Reference> references(Digest id) {
        return references.of(id);
    }

    /** The bytes of each of these layers. */
    Map<Digest, Long> layerSizes(Collection<Digest> diffIds) {
        return layers.findAll(diffIds).stream().collect(Collectors.toMap(Layer::diffId, Layer::size));
    }

    /** The names of these images, tags and digests, sorted, by one statement; images without one are not in it. */
    public Map<Digest, List<Reference>> references(Collection<Digest> ids) {
        return references.of(ids);
    }

    /** What is wrong with layers of the image; empty where it can be used. */
    public List<String> damage(Image image) {
        return layers.findAll(image.diffIds()).stream()
                .filter(layer -> layer.damaged() != null)
                .map(layer -> "layer " + layer.diffId() + " is damaged: " + layer.damaged())
                .toList();
    }

    /** The exact bytes of the image's configuration, whose digest is its ID. */
    public byte[] configuration(Digest id) {
        return store.json(id);
    }

    /**
     * Gives an image one more name; whatever image had it before loses it.
     *
     * @param repository the new name
     * @throws EngineException if there is no such image (also where its name is none), or the new name is none
     */
    public void tag(String image, String repository, @Nullable String tag) {
        Reference reference = Reference.parse(repository);
        if (reference.digest() != null) {
            throw EngineException.invalidParameter("cannot import digest reference");
        }
        if (tag != null && !tag.isEmpty()) {
            reference = reference.withTag(tag);
        }
        Image tagged;
        try {
            tagged = resolve(image);
        } catch (EngineException e) {
            throw EngineException.notFound(e.getMessage());
        }
        tag(tagged, reference.withDefaultTag());
    }

    /** Gives the image the name, and tells so. */
    void tag(Image image, Reference reference) {
        if (reference.familiar().startsWith("sha256:")) {
            throw EngineException.invalidParameter(
                    "refusing to create an ambiguous tag using digest algorithm as name");
        }
        store.write(() -> {
            references.put(reference, image.id());
            store.setTagged(image.id(), Instant.now());
            return image;
        });
        tell("tag", image, reference.familiar());
    }

    /** Publishes an event of the image, with its labels. */
    void tell(String action, Image image, String name) {
        Map<String, String> attributes = new TreeMap<>(image.labels());
        attributes.put("name", name);
        events.publish("image", action, image.id().toString(), attributes, image.labels());
    }

    /** Publishes that the image is gone. */
    void tellDeleted(Digest id) {
        events.publish("image", "delete", id.toString(), Map.of("name", id.toString()));
    }

    /**
     * The steps that made the image, latest first. Only those that led to an image that is known here have its ID.
     *
     * @throws EngineException if there is no such image, or its history does not fit its layers
     */
    public List<HistoryStep> history(String name, @Nullable Platform platform) {
        Image image = resolve(name, platform);
        Map<Digest, Long> sizes = layerSizes(image.diffIds());
        Iterator<Digest> stack = image.diffIds().iterator();
        Deque<HistoryStep> steps = new ArrayDeque<>();
        for (ImageConfig.History entry :
                Objects.requireNonNullElse(image.config().history(), List.<ImageConfig.History>of())) {
            if (entry.hasLayer() && !stack.hasNext()) {
                throw EngineException.system("too many non-empty layers in History section", null);
            }
            long size = entry.hasLayer() ? sizes.getOrDefault(stack.next(), 0L) : 0;
            steps.addFirst(new HistoryStep(
                    null,
                    entry.created(),
                    Objects.requireNonNullElse(entry.createdBy(), ""),
                    List.of(),
                    size,
                    Objects.requireNonNullElse(entry.comment(), "")));
        }
        List<HistoryStep> named = new ArrayList<>(steps);
        Optional<Image> at = Optional.of(image);
        for (int i = 0; i < named.size() && at.isPresent(); i++) {
            Digest id = at.get().id();
            named.set(i, named.get(i).leadingTo(id, tags(references.of(id))));
            at = Optional.ofNullable(at.get().parent()).flatMap(this::find);
        }
        return named;
    }

    private static List<String> tags(List<Reference> names) {
        return names.stream()
                .filter(name -> name.tag() != null)
                .map(Reference::familiar)
                .toList();
    }
}
