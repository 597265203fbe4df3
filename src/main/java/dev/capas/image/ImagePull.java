package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.event.EventBus;
import dev.capas.layer.LayerStore;
import dev.capas.layer.Lease;
import dev.capas.oci.BlobDigest;
import dev.capas.oci.Descriptor;
import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Index;
import dev.capas.oci.Json;
import dev.capas.oci.Manifest;
import dev.capas.oci.MediaType;
import dev.capas.oci.Platform;
import dev.capas.oci.Reference;
import dev.capas.registry.Credentials;
import dev.capas.registry.Registries;
import dev.capas.registry.RegistryFailure;
import dev.capas.registry.Repository;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import tools.jackson.core.JacksonException;

/** Gets images from registries. */
@Service
public class ImagePull {
    private final Registries registries;
    private final LayerPull layerPull;
    private final LayerStore layers;
    private final ImageStore store;
    private final ReferenceStore references;
    private final Images images;
    private final EventBus events;
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();

    ImagePull(
            Registries registries,
            LayerPull layerPull,
            LayerStore layers,
            ImageStore store,
            ReferenceStore references,
            Images images,
            EventBus events) {
        this.registries = registries;
        this.layerPull = layerPull;
        this.layers = layers;
        this.store = store;
        this.references = references;
        this.images = images;
        this.events = events;
    }

    /**
     * Pulls one image, or all of a repository where the name has neither tag nor digest.
     *
     * @param platform what is chosen where there are several, null for this machine
     * @param out gets the lines of the stream; none before the registry has answered that it has the image
     * @throws EngineException if the registry cannot be reached or refuses; nothing of the image is left then
     */
    public void pull(Reference name, @Nullable Platform platform, Credentials credentials, Consumer<JsonMessage> out) {
        boolean done = false;
        try {
            pullCounted(name, platform, credentials, out);
            done = true;
        } finally {
            (done ? succeeded : failed).increment();
        }
    }

    /** How many ended well since the engine started. */
    public long succeeded() {
        return succeeded.sum();
    }

    /** How many did not. */
    public long failed() {
        return failed.sum();
    }

    private void pullCounted(
            Reference name, @Nullable Platform platform, Credentials credentials, Consumer<JsonMessage> out) {
        Progress progress = new Progress(out);
        boolean newer = false;
        try {
            Repository repository = registries.repository(name, credentials);
            if (name.isNameOnly()) {
                for (String tag : repository.tags()) {
                    newer |= pull(repository, name.withTag(tag), platform, progress);
                }
            } else {
                newer = pull(repository, name, platform, progress);
            }
        } catch (RegistryFailure e) {
            throw refusal(e, name);
        } catch (IOException e) {
            throw EngineException.system(Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
        }
        progress.tell(JsonMessage.status(
                newer
                        ? "Status: Downloaded newer image for " + name.familiar()
                        : "Status: Image is up to date for " + name.familiar()));
        warnOfOtherPlatform(name, platform, progress);
        Map<String, String> attributes = new TreeMap<>();
        attributes.put("name", name.familiarName());
        events.publish("image", "pull", name.familiar(), attributes);
    }

    private static EngineException refusal(RegistryFailure failure, Reference name) {
        String cause = failure.getMessage();
        return switch (failure.code()) {
            case "DENIED" ->
                EngineException.notFound("pull access denied for " + name.familiarName()
                        + ", repository does not exist or may require 'docker login': " + cause);
            case "MANIFEST_UNKNOWN" ->
                EngineException.notFound("manifest for " + name.familiar() + " not found: " + cause);
            case "NAME_UNKNOWN" ->
                EngineException.notFound("repository " + name.familiarName() + " not found: " + cause);
            default -> EngineException.system(Objects.requireNonNullElse(cause, ""), failure);
        };
    }

    private void warnOfOtherPlatform(Reference name, @Nullable Platform platform, Progress progress) {
        if (platform == null || name.isNameOnly()) {
            return;
        }
        try {
            images.resolve(name.toString(), platform);
        } catch (EngineException e) {
            progress.tell(JsonMessage.status("WARNING: " + e.getMessage().replace(name.toString(), name.familiar())));
        }
    }

    /** Pulls one image; returns whether its name stands for another image now. */
    private boolean pull(Repository repository, Reference name, @Nullable Platform platform, Progress progress)
            throws IOException {
        Digest digest = name.digest();
        String tagOrDigest = digest == null ? String.valueOf(name.tag()) : digest.toString();
        Repository.Document top = repository.manifest(tagOrDigest);
        progress.tell(
                JsonMessage.status(digest == null ? tagOrDigest : name.familiar(), "Pulling from " + name.path()));
        Manifest manifest = manifest(repository, top, platform);
        Descriptor configuration = manifest.config();
        if (configuration == null || configuration.digest() == null) {
            throw EngineException.system("unsupported media type " + top.mediaType(), null);
        }
        boolean newer;
        try (Lease lease = layers.lease("pull")) {
            Optional<Digest> known = known(configuration.digest());
            byte[] json = known.isPresent()
                    ? store.json(known.get())
                    : repository.blob(configuration.digest(), ImageStore.MAX_CONFIG);
            ImageConfig config = ImageStore.parse(json);
            if (known.isEmpty()) {
                layerPull.pull(repository, blobs(manifest, config), config.diffIds(), lease, progress);
            }
            newer = register(name, top.digest(), json, config);
        }
        progress.tell(JsonMessage.status("Digest: " + top.digest()));
        return newer;
    }

    /** The image of this configuration, where it is here. */
    private Optional<Digest> known(BlobDigest config) {
        return config.algorithm().equals("sha256")
                ? store.find(new Digest(config.hex())).map(Image::id)
                : Optional.empty();
    }

    static Manifest manifest(Repository repository, Repository.Document top, @Nullable Platform platform)
            throws IOException {
        if (!MediaType.isIndex(top.mediaType())) {
            return read(top, Manifest.class);
        }
        Platform wanted = platform == null ? Platform.host() : platform;
        List<Descriptor> all = Objects.requireNonNullElse(read(top, Index.class).manifests(), List.of());
        for (Descriptor candidate : all) {
            Platform offered = candidate.platform();
            if (candidate.digest() != null && offered != null && offered.satisfies(wanted)) {
                Repository.Document chosen =
                        repository.manifest(candidate.digest().toString());
                return read(chosen, Manifest.class);
            }
        }
        throw EngineException.notFound(
                "no matching manifest for " + wanted.normalized() + " in the manifest list entries");
    }

    private static <T> T read(Repository.Document document, Class<T> type) {
        if (type == Manifest.class && !MediaType.isManifest(document.mediaType())) {
            throw EngineException.system("unsupported media type " + document.mediaType(), null);
        }
        try {
            T read = Json.MAPPER.readValue(document.content(), type);
            if (read == null) {
                throw EngineException.system("the manifest " + document.digest() + " is empty", null);
            }
            return read;
        } catch (JacksonException e) {
            throw EngineException.system(
                    "the manifest " + document.digest() + " cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    static List<Descriptor> blobs(Manifest manifest, ImageConfig config) {
        List<Descriptor> blobs = Objects.requireNonNullElse(manifest.layers(), List.of());
        boolean complete = blobs.stream().allMatch(blob -> blob != null && blob.digest() != null && blob.size() >= 0);
        if (!complete || blobs.size() != config.diffIds().size()) {
            throw EngineException.system("layers from manifest don't match image configuration", null);
        }
        return blobs;
    }

    private boolean register(Reference name, Digest manifest, byte[] json, ImageConfig config) {
        return store.write(() -> {
            Image image = store.add(json, config);
            Digest before = references.put(name.digest() == null ? name : name.withDigest(name.digest()), image.id());
            references.put(name.withDigest(manifest), image.id());
            return !image.id().equals(before);
        });
    }
}
