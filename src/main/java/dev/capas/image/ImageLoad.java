package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.home.EngineHome;
import dev.capas.layer.LayerStore;
import dev.capas.layer.Lease;
import dev.capas.layer.tar.Decompression;
import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Loads what {@code docker save} wrote. Either all images of an archive are here at the end, or nothing of it. */
@Service
public class ImageLoad {
    private static final Pattern SHA256 = Pattern.compile("sha256:[0-9a-f]{64}");

    private final EngineHome home;
    private final LayerStore layers;
    private final ImageStore store;
    private final ReferenceStore references;
    private final Images images;

    ImageLoad(EngineHome home, LayerStore layers, ImageStore store, ReferenceStore references, Images images) {
        this.home = home;
        this.layers = layers;
        this.store = store;
        this.references = references;
        this.images = images;
    }

    /** An image of the archive, checked as far as that goes without its layers. */
    private record Candidate(ImageArchive.ManifestItem item, byte[] json, ImageConfig config, List<Reference> names) {
        Digest id() {
            return Digest.ofContent(json);
        }
    }

    /**
     * Loads the archive.
     *
     * @param archive plain or compressed
     * @param quiet whether the progress of layers is left out
     * @param out gets the lines of the stream, also from other threads, one at a time
     * @throws EngineException if the archive is refused; nothing of it is left then
     */
    public void load(InputStream archive, boolean quiet, Consumer<JsonMessage> out) throws IOException {
        try (ImageArchive content = ImageArchive.read(archive, home);
                Lease lease = layers.lease("load")) {
            List<Candidate> candidates = new ArrayList<>();
            Map<Digest, String> wanted = new LinkedHashMap<>();
            for (ImageArchive.ManifestItem item : content.manifest()) {
                Candidate candidate = check(item, content);
                candidates.add(candidate);
                List<String> files = Objects.requireNonNullElse(item.layers(), List.of());
                for (int i = 0; i < files.size(); i++) {
                    wanted.putIfAbsent(candidate.config().diffIds().get(i), files.get(i));
                }
            }
            addLayers(content, wanted, lease, quiet ? null : new Progress(out));
            register(candidates, out);
        }
    }

    private static Candidate check(ImageArchive.ManifestItem item, ImageArchive content) throws IOException {
        byte[] json = content.bytes(Objects.requireNonNullElse(item.config(), ""), ImageStore.MAX_CONFIG);
        checkDigests(json, item, content);
        ImageConfig config = ImageStore.parse(json);
        String os = config.platform().os();
        if (!"linux".equals(os)) {
            throw EngineException.invalidParameter("cannot load " + os + " image on linux");
        }
        int expected = item.layers() == null ? 0 : item.layers().size();
        int actual = config.diffIds().size();
        if (expected != actual) {
            throw EngineException.invalidParameter(
                    "invalid manifest, layers length mismatch: expected " + expected + ", got " + actual);
        }
        List<Reference> names = new ArrayList<>();
        for (String tag : Objects.requireNonNullElse(item.repoTags(), List.<String>of())) {
            Reference name = Reference.parse(tag);
            if (name.tag() == null) {
                throw EngineException.invalidParameter("invalid tag \"" + tag + "\"");
            }
            names.add(name);
        }
        return new Candidate(item, json, config, names);
    }

    /** Layers are known by their SHA-256; a configuration that names them otherwise does not fit them. */
    private static void checkDigests(byte[] json, ImageArchive.ManifestItem item, ImageArchive content)
            throws IOException {
        List<String> files = Objects.requireNonNullElse(item.layers(), List.of());
        List<String> named = ImageStore.diffIds(json);
        for (int i = 0; i < Math.min(files.size(), named.size()); i++) {
            if (!SHA256.matcher(named.get(i)).matches()) {
                MessageDigest sha256 = Digest.sha256();
                try (InputStream plain = Decompression.of(content.open(files.get(i))).stream()) {
                    plain.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
                }
                throw EngineException.invalidParameter("invalid diffID for layer " + i + ": expected \"" + named.get(i)
                        + "\", got \"" + Digest.of(sha256.digest()) + "\"");
            }
        }
    }

    private void addLayers(ImageArchive content, Map<Digest, String> wanted, Lease lease, @Nullable Progress progress)
            throws IOException {
        try (SideBySide work = new SideBySide()) {
            wanted.forEach((diffId, file) -> work.submit(() -> {
                if (!layers.hold(diffId, lease)) {
                    addLayer(content, diffId, file, lease, progress);
                }
            }));
            work.await();
        }
    }

    private void addLayer(ImageArchive content, Digest diffId, String file, Lease lease, @Nullable Progress progress)
            throws IOException {
        long size = content.size(file);
        InputStream in = content.open(file);
        if (progress != null) {
            in = progress.of(in, diffId.shortHex(), "Loading layer", size);
        }
        Decompression.Plain plain = Decompression.of(in);
        layers.add(plain.stream(), diffId, plain.compressed() ? size : null, lease);
    }

    private void register(List<Candidate> candidates, Consumer<JsonMessage> out) {
        List<JsonMessage> lines = store.write(() -> {
            List<JsonMessage> told = new ArrayList<>();
            StringBuilder ids = new StringBuilder();
            for (Candidate candidate : candidates) {
                Image image = store.add(candidate.json, candidate.config);
                ids.append("Loaded image ID: ").append(image.id()).append('\n');
                for (Reference name : candidate.names) {
                    Digest before = references.put(name, image.id());
                    if (before != null && !before.equals(image.id())) {
                        told.add(JsonMessage.stream("The image " + name.familiar()
                                + " already exists, renaming the old one with ID " + before + " to empty string\n"));
                    }
                    told.add(JsonMessage.stream("Loaded image: " + name.familiar() + "\n"));
                }
                images.tell("load", image, image.id().toString());
            }
            candidates.forEach(candidate -> linkToParent(candidate, candidates));
            if (!candidates.isEmpty() && candidates.getLast().names.isEmpty()) {
                told.add(JsonMessage.stream(ids.toString()));
            }
            return told;
        });
        lines.forEach(out);
    }

    /** An archive may say which of its images was made from which. */
    private void linkToParent(Candidate child, List<Candidate> candidates) {
        for (Candidate parent : candidates) {
            if (parent.id().toString().equals(child.item.parent()) && parent != child) {
                List<ImageConfig.History> older = Objects.requireNonNullElse(parent.config.history(), List.of());
                List<ImageConfig.History> all = Objects.requireNonNullElse(child.config.history(), List.of());
                boolean continues = all.isEmpty() && older.isEmpty()
                        || all.size() == older.size() + 1
                                && all.subList(0, older.size()).equals(older);
                if (!continues) {
                    throw EngineException.invalidParameter(
                            "image " + parent.id() + " is not a valid parent for " + child.id());
                }
                store.setParent(child.id(), parent.id());
            }
        }
    }
}
