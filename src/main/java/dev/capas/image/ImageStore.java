package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.LayerStore;
import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The images as rows. Whatever changes them or their names runs in {@link #write}, one change at a time; what was asked for is kept until
 * the next.
 */
@Component
class ImageStore {
    /** The largest configuration that is taken, in bytes. dockerd takes any. */
    static final int MAX_CONFIG = 16 << 20;

    /** How many images are kept as they were read; a configuration can be large. */
    private static final int KEPT = 500;

    private final ImageRows rows;
    private final ImageStacks stacks;
    private final ImageUse use;
    private final ImageSummaries summaries;
    private final LayerStore layers;
    private final TransactionTemplate transaction;
    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicLong version = new AtomicLong();
    private volatile Known known = new Known(0, new ConcurrentHashMap<>());

    /** What was asked for while nothing changed. */
    private record Known(long version, Map<Digest, Image> byId) {}

    ImageStore(
            ImageRows rows,
            ImageSummaries summaries,
            ImageStacks stacks,
            ImageUse use,
            LayerStore layers,
            TransactionTemplate transaction) {
        this.rows = rows;
        this.stacks = stacks;
        this.use = use;
        this.summaries = summaries;
        this.layers = layers;
        this.transaction = transaction;
    }

    /** Runs a change of images or names in a transaction of its own, alone. */
    <T extends @Nullable Object> T write(Supplier<T> change) {
        writing.lock();
        version.incrementAndGet();
        try {
            return transaction.execute(status -> change.get());
        } finally {
            version.incrementAndGet();
            writing.unlock();
        }
    }

    /** Grows with every change; odd while one is under way. */
    long version() {
        return version.get();
    }

    /**
     * Reads an image configuration.
     *
     * @throws EngineException if it is none
     */
    static ImageConfig parse(byte[] json) {
        if (json.length > MAX_CONFIG) {
            throw EngineException.invalidParameter("image configuration of " + json.length + " bytes is too large");
        }
        ImageConfig config;
        try {
            config = Json.FOREIGN.readValue(new String(json, StandardCharsets.UTF_8), ImageConfig.class);
        } catch (JacksonException e) {
            throw EngineException.invalidParameter("invalid image JSON: " + e.getOriginalMessage());
        }
        if (config == null || config.rootfs() == null) {
            throw EngineException.invalidParameter("invalid image JSON, no RootFS key");
        }
        if (config.diffIds().stream().anyMatch(java.util.Objects::isNull)) {
            throw EngineException.invalidParameter("invalid image JSON, a DiffID is missing");
        }
        return config;
    }

    /**
     * The names that a configuration gives its layers, bottom first, whatever they are; none where it is no configuration.
     */
    static List<String> diffIds(byte[] json) {
        try {
            JsonNode ids = Json.FOREIGN
                    .readTree(new String(json, StandardCharsets.UTF_8))
                    .path("rootfs")
                    .path("diff_ids");
            List<String> named = new ArrayList<>();
            ids.forEach(id -> named.add(id.asString("")));
            return named;
        } catch (JacksonException e) {
            return List.of();
        }
    }

    /**
     * Adds the image with this configuration, where it is not here; its layers must be here and be held. To be called within {@link #write}.
     *
     * @throws EngineException if the history of the configuration does not fit its layers, or one of them is not here
     */
    Image add(byte[] json, ImageConfig config) {
        Digest id = Digest.ofContent(json);
        Optional<Image> present = find(id);
        if (present.isPresent()) {
            return present.get();
        }
        if (config.history() != null
                && config.history().stream()
                                .filter(ImageConfig.History::hasLayer)
                                .count()
                        > config.diffIds().size()) {
            throw EngineException.invalidParameter("too many non-empty layers in History section");
        }
        layers.lockForReference(new LinkedHashSet<>(config.diffIds()));
        rows.saveAndFlush(new ImageRow(
                id.hex(), json, null, config.diffIds().stream().map(Digest::hex).toList()));
        stacks.insert(id.hex(), config);
        use.insert(id.hex());
        summaries.insert(id.hex(), config);
        return find(id).orElseThrow();
    }

    /** Removes the image; nothing refers to it any more. To be called within {@link #write}. */
    void remove(Digest id) {
        rows.deleteById(id.hex());
        rows.flush();
    }

    void setParent(Digest id, Digest parent) {
        rows.setParent(id.hex(), parent.hex());
        summaries.setParent(id.hex(), parent.hex());
    }

    void setTagged(Digest id, Instant at) {
        rows.setLastTagged(id.hex(), at);
        summaries.setLastTagged(id.hex(), at);
    }

    Optional<Image> find(Digest id) {
        long now = version();
        if (now % 2 != 0) {
            return read(id);
        }
        Known images = known;
        if (images.version() != now || images.byId().size() > KEPT) {
            images = new Known(now, new ConcurrentHashMap<>());
            known = images;
        }
        Image image = images.byId().get(id);
        if (image != null) {
            return Optional.of(image);
        }
        Optional<Image> found = read(id);
        if (found.isPresent()) {
            images.byId().put(id, found.get());
        }
        return found;
    }

    private Optional<Image> read(Digest id) {
        ImageRows.Head head = rows.head(id.hex());
        if (head == null) {
            return Optional.empty();
        }
        return rows.configs(List.of(head.id())).stream()
                .findFirst()
                .map(row -> image(head, parse(row.config()), rows.size(head.id())));
    }

    /** All images as lists tell of them, by a handful of statements. */
    List<ListedImage> listed() {
        List<String> missing = summaries.missing();
        if (!missing.isEmpty()) {
            write(() -> {
                for (String id : summaries.missing()) {
                    summaries.insert(id, parse(json(new Digest(id))));
                }
                return missing;
            });
        }
        return summaries.all();
    }

    private static Image image(ImageRows.Head head, ImageConfig config, long size) {
        Digest parent = head.parent() == null ? null : new Digest(head.parent());
        return new Image(new Digest(head.id()), config, parent, size, head.lastTagged());
    }

    /** What every image lists, and what that weighs, by two statements. */
    ListedLayers listedLayers() {
        return stacks.listed();
    }

    /** Those of these images that are here, by one statement at most. */
    Set<Digest> here(Set<Digest> ids) {
        return ids.isEmpty() ? Set.of() : summaries.among(ids);
    }

    /** The images that list this layer. */
    Set<Digest> using(Digest layer) {
        return rows.using(layer.hex()).stream().map(Digest::new).collect(Collectors.toSet());
    }

    /** The one image whose ID starts with these digits; empty where there is none, or more than one. */
    Optional<Digest> findByPrefix(String hexPrefix) {
        List<String> ids = rows.startingWith(hexPrefix);
        return ids.size() == 1 ? Optional.of(new Digest(ids.getFirst())) : Optional.empty();
    }

    /** The exact bytes of the configuration. */
    byte[] json(Digest id) {
        return rows.configs(List.of(id.hex())).stream()
                .findFirst()
                .map(ImageRows.Config::config)
                .orElseThrow(() -> EngineException.notFound("No such image: " + id));
    }

    boolean hasChildren(Digest id) {
        return !rows.children(id.hex()).isEmpty();
    }

    /** The images that others were made from. */
    Set<Digest> parents() {
        return rows.parents().stream().map(Digest::new).collect(Collectors.toSet());
    }
}
