package dev.capas.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.capas.errdefs.EngineException;
import dev.capas.event.EventBus;
import dev.capas.home.EngineHome;
import dev.capas.home.TemporaryFile;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerStore;
import dev.capas.layer.Lease;
import dev.capas.oci.Descriptor;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import dev.capas.oci.Manifest;
import dev.capas.oci.MediaType;
import dev.capas.oci.Reference;
import dev.capas.registry.Credentials;
import dev.capas.registry.Registries;
import dev.capas.registry.Repository;
import java.io.ByteArrayInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Puts images into registries. */
@Service
public class ImagePush {
    private static final int BUFFER = 1 << 16;

    private final EngineHome home;
    private final Registries registries;
    private final LayerStore layers;
    private final ImageStore store;
    private final ReferenceStore references;
    private final EventBus events;

    ImagePush(
            EngineHome home,
            Registries registries,
            LayerStore layers,
            ImageStore store,
            ReferenceStore references,
            EventBus events) {
        this.home = home;
        this.registries = registries;
        this.layers = layers;
        this.store = store;
        this.references = references;
        this.events = events;
    }

    /** The result for programs at the end of a push. */
    @JsonPropertyOrder({"Tag", "Digest", "Size"})
    private record Pushed(
            @JsonProperty("Tag") String tag,
            @JsonProperty("Digest") Digest digest,
            @JsonProperty("Size") int size) {}

    /**
     * Pushes one image, or all tags of a repository where the name has no tag.
     *
     * @param tag null or empty for all
     * @param out gets the lines of the stream
     * @throws EngineException if the name is none, there is no such image, or the registry refuses
     */
    public void push(String repository, @Nullable String tag, Credentials credentials, Consumer<JsonMessage> out) {
        Reference name = Reference.parse(repository, tag);
        Progress progress = new Progress(out);
        progress.tell(JsonMessage.status("The push refers to repository [" + name.name() + "]"));
        Map<Reference, Digest> known = references.inRepository(name.name());
        Map<Reference, Digest> chosen = known.entrySet().stream()
                .filter(entry -> entry.getKey().tag() != null)
                .filter(entry -> name.isNameOnly() || entry.getKey().equals(name))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
        if (chosen.isEmpty()) {
            throw EngineException.system(
                    known.isEmpty()
                            ? "An image does not exist locally with the tag: " + name.familiarName()
                            : "tag does not exist: " + name.familiar(),
                    null);
        }
        try {
            Repository remote = registries.repository(name, credentials);
            for (Map.Entry<Reference, Digest> entry : chosen.entrySet()) {
                push(remote, entry.getKey(), entry.getValue(), progress);
            }
        } catch (IOException e) {
            throw EngineException.system(Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
        }
        events.publish("image", "push", name.familiar(), Map.of("name", name.familiarName()));
    }

    private void push(Repository remote, Reference name, Digest id, Progress progress) throws IOException {
        Image image = store.find(id).orElseThrow(() -> EngineException.notFound("No such image: " + id));
        byte[] config = store.json(id);
        Map<Digest, Descriptor> blobs = new ConcurrentHashMap<>();
        try (Lease lease = layers.lease("push")) {
            for (Digest diffId : image.diffIds().reversed()) {
                if (!layers.hold(diffId, lease)) {
                    throw EngineException.system("layer " + diffId + " is not here", null);
                }
                progress.tell(JsonMessage.layer(diffId.shortHex(), "Preparing"));
            }
            try (SideBySide work = new SideBySide()) {
                image.diffIds().reversed().stream()
                        .distinct()
                        .forEach(diffId -> work.submit(() -> blobs.put(diffId, push(remote, diffId, progress))));
                work.await();
            }
        }
        if (!remote.has(id)) {
            remote.upload(id, config.length, () -> new ByteArrayInputStream(config));
        }
        List<Descriptor> stack = image.diffIds().stream()
                .map(blobs::get)
                .filter(Objects::nonNull)
                .toList();
        byte[] manifest = Json.MAPPER.writeValueAsBytes(new Manifest(
                2, MediaType.DOCKER_MANIFEST, Descriptor.of(MediaType.DOCKER_CONFIG, id, config.length), stack, null));
        String tag = String.valueOf(name.tag());
        remote.putManifest(tag, manifest, MediaType.DOCKER_MANIFEST);
        Digest digest = Digest.ofContent(manifest);
        store.write(() -> references.put(name.withDigest(digest), id));
        progress.tell(JsonMessage.status(tag + ": digest: " + digest + " size: " + manifest.length));
        progress.tell(JsonMessage.result(new Pushed(tag, digest, manifest.length)));
    }

    /** Compresses the layer, for its digest is not known before, and uploads it where the registry has it not. */
    private Descriptor push(Repository remote, Digest diffId, Progress progress) throws IOException {
        long total = layers.findAll(List.of(diffId)).stream()
                .mapToLong(Layer::tarSize)
                .sum();
        Progress.Meter meter = progress.meter(diffId.shortHex(), "Pushing", total);
        MessageDigest sha256 = Digest.sha256();
        try (TemporaryFile file = TemporaryFile.in(home)) {
            GZIPOutputStream gzip = new GZIPOutputStream(new DigestOutputStream(file.output(), sha256), BUFFER);
            layers.writeTar(diffId, new Metered(gzip, meter));
            gzip.finish();
            Digest digest = Digest.of(sha256.digest());
            long size = file.size();
            boolean there = remote.has(digest);
            if (!there) {
                remote.upload(digest, size, () -> file.read(0, size));
            }
            progress.tell(JsonMessage.layer(diffId.shortHex(), there ? "Layer already exists" : "Pushed"));
            return Descriptor.of(MediaType.DOCKER_LAYER, digest, size);
        }
    }

    private static final class Metered extends FilterOutputStream {
        private final Progress.Meter meter;
        private long count;

        Metered(OutputStream out, Progress.Meter meter) {
            super(out);
            this.meter = meter;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            count += length;
            meter.at(count);
        }
    }
}
