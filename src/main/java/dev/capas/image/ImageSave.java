package dev.capas.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.capas.errdefs.EngineException;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerStore;
import dev.capas.layer.Lease;
import dev.capas.oci.Descriptor;
import dev.capas.oci.Digest;
import dev.capas.oci.Index;
import dev.capas.oci.Json;
import dev.capas.oci.Manifest;
import dev.capas.oci.MediaType;
import dev.capas.oci.Platform;
import dev.capas.oci.Reference;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * Writes images as an archive in the layout of dockerd 28: an OCI image layout (OCI image specification, "Image Layout") that also
 * has Docker's {@code manifest.json} and {@code repositories}. The same images give the same bytes.
 */
@Service
public class ImageSave {
    private static final byte[] OCI_LAYOUT = "{\"imageLayoutVersion\": \"1.0.0\"}".getBytes(StandardCharsets.US_ASCII);
    private static final Pattern ID = Pattern.compile("(?:sha256:)?([0-9a-f]{64})");
    private static final Pattern ID_PREFIX = Pattern.compile("(?:sha256:)?([0-9a-f]{1,64})");

    private final ImageStore store;
    private final ReferenceStore references;
    private final LayerStore layers;
    private final Images images;

    ImageSave(ImageStore store, ReferenceStore references, LayerStore layers, Images images) {
        this.store = store;
        this.references = references;
        this.layers = layers;
        this.images = images;
    }

    /** An item of {@code manifest.json}. */
    @JsonPropertyOrder({"Config", "RepoTags", "Layers", "Parent", "LayerSources"})
    private record ManifestItem(
            @JsonProperty("Config") String config,
            @JsonProperty("RepoTags") @Nullable List<String> repoTags,
            @JsonProperty("Layers") List<String> layers,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("Parent") @Nullable
            String parent,

            @JsonProperty("LayerSources") Map<String, LayerSource> layerSources) {}

    /** A descriptor in the order that Docker's own type has. */
    @JsonPropertyOrder({"mediaType", "size", "digest"})
    private record LayerSource(String mediaType, long size, Digest digest) {}

    /** A file under {@code blobs/sha256}. */
    private record Blob(long size, Instant modified, TarWriter.Content content) {
        static Blob of(byte[] bytes, Instant modified) {
            return new Blob(bytes.length, modified, out -> out.write(bytes));
        }
    }

    /** The images to write, each with the names it was asked for by; their layers are held until it is closed. */
    public final class Archive implements AutoCloseable {
        private final Map<Image, Set<Reference>> selected;
        private final Lease lease;
        private final Map<Digest, Layer> stack;

        private Archive(Map<Image, Set<Reference>> selected) {
            this.selected = selected;
            this.lease = layers.lease("save");
            Set<Digest> diffIds = new LinkedHashSet<>();
            selected.keySet().forEach(image -> diffIds.addAll(image.diffIds()));
            diffIds.forEach(diffId -> layers.hold(diffId, lease));
            this.stack = layers.findAll(diffIds).stream().collect(Collectors.toMap(Layer::diffId, layer -> layer));
        }

        /** Writes the archive. */
        public void writeTo(OutputStream out) throws IOException {
            write(this, new TarWriter(out));
        }

        @Override
        public void close() {
            lease.close();
        }
    }

    /**
     * Selects the images of these names; a name without a tag means all tags of its repository.
     *
     * @param platform the one that the images must be for, null for any
     * @throws EngineException if there is no such image
     */
    public Archive open(List<String> names, @Nullable Platform platform) {
        Map<Digest, Set<Reference>> selected = new LinkedHashMap<>();
        for (String name : names) {
            select(name, selected);
        }
        Map<Image, Set<Reference>> byImage = new LinkedHashMap<>();
        selected.forEach((id, tags) -> {
            Image image = store.find(id).orElseThrow(() -> EngineException.notFound("No such image: " + id));
            if (platform != null && !image.config().platform().satisfies(platform)) {
                throw EngineException.system(
                        "no suitable export target found for platform " + platform.normalized(), null);
            }
            if (image.diffIds().isEmpty()) {
                throw EngineException.system("empty export - not implemented", null);
            }
            byImage.put(image, tags);
        });
        return new Archive(byImage);
    }

    private void select(String name, Map<Digest, Set<Reference>> selected) {
        var id = ID.matcher(name);
        if (id.matches()) {
            selected.computeIfAbsent(new Digest(id.group(1)), key -> new LinkedHashSet<>());
            return;
        }
        Reference reference = Reference.parse(name);
        Map<Reference, Digest> found = new LinkedHashMap<>();
        if (!reference.isNameOnly()) {
            found.put(
                    reference,
                    references
                            .find(reference)
                            .or(() -> byPrefix(name))
                            .orElseThrow(() -> EngineException.notFound("reference does not exist")));
        } else {
            found.putAll(references.inRepository(reference.name()));
        }
        if (found.isEmpty()) {
            Digest image = byPrefix(name).orElseThrow(() -> EngineException.notFound("No such image: " + name));
            selected.computeIfAbsent(image, key -> new LinkedHashSet<>());
        }
        found.forEach((tag, image) -> {
            Set<Reference> tags = selected.computeIfAbsent(image, key -> new LinkedHashSet<>());
            if (tag.digest() == null) {
                tags.add(tag);
            }
        });
    }

    private java.util.Optional<Digest> byPrefix(String name) {
        var prefix = ID_PREFIX.matcher(name);
        return prefix.matches() ? store.findByPrefix(prefix.group(1)) : java.util.Optional.empty();
    }

    private void write(Archive archive, TarWriter tar) throws IOException {
        Map<String, Blob> blobs = new TreeMap<>();
        List<ManifestItem> items = new ArrayList<>();
        List<Descriptor> manifests = new ArrayList<>();
        Map<String, Map<String, String>> repositories = new TreeMap<>();
        Instant latest = Instant.EPOCH;
        for (Map.Entry<Image, Set<Reference>> entry : archive.selected.entrySet()) {
            Image image = entry.getKey();
            latest = image.created();
            byte[] manifest = addBlobs(image, archive.stack, blobs);
            Descriptor descriptor = Descriptor.of(MediaType.OCI_MANIFEST, Digest.ofContent(manifest), manifest.length);
            items.add(item(image, entry.getValue(), archive));
            if (entry.getValue().isEmpty()) {
                manifests.add(descriptor);
            }
            for (Reference name : entry.getValue()) {
                manifests.add(named(descriptor, name));
                repositories
                        .computeIfAbsent(name.familiarName(), key -> new TreeMap<>())
                        .put(
                                String.valueOf(name.tag()),
                                image.diffIds().getLast().hex());
            }
            images.tell("save", image, image.id().toString());
        }
        if (!blobs.isEmpty()) {
            tar.directory("blobs/", latest);
            tar.directory("blobs/sha256/", latest);
        }
        for (Map.Entry<String, Blob> blob : blobs.entrySet()) {
            Blob content = blob.getValue();
            tar.file("blobs/sha256/" + blob.getKey(), content.size, content.modified, content.content);
        }
        tar.file(
                "index.json",
                json(new Index(2, MediaType.OCI_INDEX, manifests.isEmpty() ? null : manifests, null)),
                Instant.EPOCH);
        tar.file("manifest.json", line(items.isEmpty() ? null : items), Instant.EPOCH);
        tar.file("oci-layout", OCI_LAYOUT, Instant.EPOCH);
        if (!repositories.isEmpty()) {
            tar.file("repositories", line(repositories), Instant.EPOCH);
        }
        tar.finish();
    }

    /** Adds the blobs of the image, and returns its OCI manifest. */
    private byte[] addBlobs(Image image, Map<Digest, Layer> stack, Map<String, Blob> blobs) {
        byte[] config = store.json(image.id());
        Instant created = image.created();
        for (byte[] description : LegacyImage.descriptions(image, config)) {
            blobs.putIfAbsent(Digest.ofContent(description).hex(), Blob.of(description, created));
        }
        blobs.putIfAbsent(image.id().hex(), Blob.of(config, created));
        List<Descriptor> descriptors = new ArrayList<>();
        for (Digest diffId : image.diffIds()) {
            Descriptor descriptor = layer(diffId, stack);
            descriptors.add(descriptor);
            blobs.putIfAbsent(diffId.hex(), new Blob(descriptor.size(), created, out -> layers.writeTar(diffId, out)));
        }
        byte[] manifest = json(new Manifest(
                2,
                MediaType.OCI_MANIFEST,
                Descriptor.of(MediaType.OCI_CONFIG, image.id(), config.length),
                descriptors,
                null));
        blobs.putIfAbsent(Digest.ofContent(manifest).hex(), Blob.of(manifest, Instant.EPOCH));
        return manifest;
    }

    private static Descriptor layer(Digest diffId, Map<Digest, Layer> stack) {
        Layer layer = stack.get(diffId);
        if (layer == null) {
            throw EngineException.system("layer " + diffId + " is not here", null);
        }
        return Descriptor.of(MediaType.OCI_LAYER, diffId, layer.tarSize());
    }

    private static ManifestItem item(Image image, Set<Reference> names, Archive archive) {
        Map<String, LayerSource> sources = new TreeMap<>();
        image.diffIds()
                .forEach(diffId -> sources.put(
                        diffId.toString(),
                        new LayerSource(
                                MediaType.OCI_LAYER,
                                layer(diffId, archive.stack).size(),
                                diffId)));
        Digest parent = image.parent();
        boolean parentIsSaved =
                archive.selected.keySet().stream().anyMatch(other -> other.id().equals(parent));
        return new ManifestItem(
                path(image.id()),
                names.isEmpty() ? null : names.stream().map(Reference::familiar).toList(),
                image.diffIds().stream().map(ImageSave::path).toList(),
                parentIsSaved ? String.valueOf(parent) : null,
                sources);
    }

    private static Descriptor named(Descriptor manifest, Reference name) {
        Map<String, String> annotations = new TreeMap<>(Map.of(
                "io.containerd.image.name", name.toString(),
                "org.opencontainers.image.ref.name", String.valueOf(name.tag())));
        return new Descriptor(manifest.mediaType(), manifest.digest(), manifest.size(), null, annotations, null);
    }

    private static String path(Digest digest) {
        return "blobs/sha256/" + digest.hex();
    }

    private static byte[] json(Object value) {
        return Json.MAPPER.writeValueAsBytes(value);
    }

    private static byte[] line(@Nullable Object value) {
        return (Json.MAPPER.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
