package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.LayerStore;
import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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
 * The images as rows. Whatever changes them or their names runs in {@link #write}, one change at a time; a configuration
 * never changes, nor does the size of its layers: what was parsed and added up once is kept.
 */
@Component
class ImageStore {
    /** The largest configuration that is taken, in bytes. dockerd takes any. */
    static final int MAX_CONFIG = 16 << 20;

    private final ImageRows rows;
    private final LayerStore layers;
    private final TransactionTemplate transaction;
    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicLong version = new AtomicLong();
    private final Map<String, ImageConfig> parsed = new ConcurrentHashMap<>();
    private volatile Known known = new Known(0, new ConcurrentHashMap<>());
    private final Map<String, Long> sizes = new ConcurrentHashMap<>();

    /** What was asked for while nothing changed. */
    private record Known(long version, Map<Digest, Image> byId) {}

    ImageStore(ImageRows rows, LayerStore layers, TransactionTemplate transaction) {
        this.rows = rows;
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
        return find(id).orElseThrow();
    }

    /** Removes the image; nothing refers to it any more. To be called within {@link #write}. */
    void remove(Digest id) {
        rows.deleteById(id.hex());
        rows.flush();
        parsed.remove(id.hex());
        sizes.remove(id.hex());
    }

    void setParent(Digest id, Digest parent) {
        rows.setParent(id.hex(), parent.hex());
    }

    void setTagged(Digest id, Instant at) {
        rows.setLastTagged(id.hex(), at);
    }

    Optional<Image> find(Digest id) {
        long now = version();
        if (now % 2 != 0) {
            return read(id);
        }
        Known images = known;
        if (images.version() != now) {
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
        ImageConfig config = configs(Set.of(head.id())).get(head.id());
        return config == null
                ? Optional.empty()
                : Optional.of(image(head, config, sizes.computeIfAbsent(head.id(), rows::size)));
    }

    /** All images, by four statements at most. */
    List<Image> all() {
        List<ImageRows.Head> heads = rows.heads();
        Map<String, ImageConfig> configs =
                configs(heads.stream().map(ImageRows.Head::id).collect(Collectors.toSet()));
        Map<String, Long> sizes = byImage(rows.sizes());
        List<Image> images = new ArrayList<>(heads.size());
        for (ImageRows.Head head : heads) {
            ImageConfig config = configs.get(head.id());
            if (config != null) {
                images.add(image(head, config, sizes.getOrDefault(head.id(), 0L)));
            }
        }
        return images;
    }

    private Map<String, ImageConfig> configs(Set<String> ids) {
        Map<String, ImageConfig> found = new HashMap<>();
        List<String> missing = new ArrayList<>();
        for (String id : ids) {
            ImageConfig config = parsed.get(id);
            if (config == null) {
                missing.add(id);
            } else {
                found.put(id, config);
            }
        }
        if (!missing.isEmpty()) {
            for (ImageRows.Config row : rows.configs(missing)) {
                ImageConfig config = parse(row.config());
                parsed.put(row.id(), config);
                found.put(row.id(), config);
            }
        }
        return found;
    }

    private static Image image(ImageRows.Head head, ImageConfig config, long size) {
        Digest parent = head.parent() == null ? null : new Digest(head.parent());
        return new Image(new Digest(head.id()), config, parent, size, head.lastTagged());
    }

    private static Map<String, Long> byImage(Collection<Object[]> weights) {
        Map<String, Long> map = new HashMap<>();
        weights.forEach(row -> map.put((String) row[0], ((Number) row[1]).longValue()));
        return map;
    }

    /** The bytes of its distinct layers that another image lists too, for each image that has any. */
    Map<Digest, Long> sharedSizes() {
        Map<Digest, Long> map = new HashMap<>();
        byImage(rows.sharedSizes()).forEach((id, size) -> map.put(new Digest(id), size));
        return map;
    }

    /** The bytes of all distinct layers that images list. */
    long layersSize() {
        return rows.layersSize();
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
