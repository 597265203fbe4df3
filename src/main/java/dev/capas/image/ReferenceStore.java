package dev.capas.image;

import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.SqlArrayValue;
import org.springframework.stereotype.Component;

/** The names that images have here. Changes belong into {@link ImageStore#write}. */
@Component
class ReferenceStore {
    private static final Comparator<Reference> BY_NAME = Comparator.comparing(Reference::toString);

    /** More parameters are no faster than the whole table, and PostgreSQL has a limit. */
    private static final int SOME = 1000;

    private final ReferenceRows rows;
    private final JdbcClient jdbc;

    ReferenceStore(ReferenceRows rows, JdbcClient jdbc) {
        this.rows = rows;
        this.jdbc = jdbc;
    }

    /**
     * The image of this name; a digest counts before a tag, a name without either means {@code latest}. Every {@code docker run} asks
     * for it, so that it does not go by way of JPA.
     */
    Optional<Digest> find(Reference reference) {
        return jdbc.sql("select image from image_reference where name = ?")
                .param(key(reference))
                .query(String.class)
                .optional()
                .map(Digest::new);
    }

    /** The same for many, by one statement at most; names that stand for none are not in it. */
    Map<Reference, Digest> find(Set<Reference> wanted) {
        if (wanted.isEmpty()) {
            return Map.of();
        }
        Map<String, List<Reference>> byKey = wanted.stream().collect(Collectors.groupingBy(ReferenceStore::key));
        Map<Reference, Digest> found = new HashMap<>();
        jdbc.sql(
                        "select r.name, r.image from unnest(cast(? as varchar array)) as asked (name) join image_reference r on r.name = asked.name")
                .param(new SqlArrayValue("varchar", byKey.keySet().toArray()))
                .query((RowCallbackHandler) row -> {
                    Digest image = new Digest(row.getString(2));
                    byKey.getOrDefault(row.getString(1), List.of()).forEach(reference -> found.put(reference, image));
                });
        return found;
    }

    /** Gives the image the name, and returns the image that had it before. */
    @Nullable
    Digest put(Reference reference, Digest image) {
        Digest before = find(reference).orElse(null);
        if (!image.equals(before)) {
            rows.saveAndFlush(new ReferenceRow(key(reference), image.hex()));
        }
        return before;
    }

    void remove(Reference reference) {
        rows.deleteById(key(reference));
        rows.flush();
    }

    /** The names of the image, sorted. */
    List<Reference> of(Digest image) {
        return sorted(rows.findByImage(image.hex()));
    }

    /** The names of these images, sorted, by one statement; images without one are not in it. */
    Map<Digest, List<Reference>> of(Collection<Digest> images) {
        if (images.isEmpty()) {
            return Map.of();
        }
        if (images.size() > SOME) {
            Map<Digest, List<Reference>> names = all();
            names.keySet().retainAll(images);
            return names;
        }
        Map<Digest, List<Reference>> byImage = new HashMap<>();
        jdbc.sql("select image, name from image_reference where image in (:images)")
                .param("images", images.stream().map(Digest::hex).toList())
                .query((RowCallbackHandler)
                        row -> byImage.computeIfAbsent(new Digest(row.getString(1)), id -> new ArrayList<>())
                                .add(Reference.parse(row.getString(2))));
        byImage.values().forEach(names -> names.sort(BY_NAME));
        return byImage;
    }

    /** The names of all images, sorted; images without one are not in it. */
    Map<Digest, List<Reference>> all() {
        Map<Digest, List<Reference>> byImage = new HashMap<>();
        jdbc.sql("select name, image from image_reference").query((RowCallbackHandler)
                row -> byImage.computeIfAbsent(new Digest(row.getString(2)), id -> new ArrayList<>(2))
                        .add(Reference.parse(row.getString(1))));
        byImage.values().forEach(names -> names.sort(BY_NAME));
        return byImage;
    }

    /** The images that have a name in the repository, by their names. */
    Map<Reference, Digest> inRepository(String name) {
        Map<Reference, Digest> found = new TreeMap<>(BY_NAME);
        for (ReferenceRow row : rows.findByNameStartingWith(name)) {
            Reference reference = Reference.parse(row.name());
            if (reference.name().equals(name)) {
                found.put(reference, new Digest(row.image()));
            }
        }
        return found;
    }

    private static List<Reference> sorted(List<ReferenceRow> found) {
        return found.stream()
                .map(row -> Reference.parse(row.name()))
                .sorted(BY_NAME)
                .toList();
    }

    /** What its row is found by: a digest counts before a tag. */
    static String key(Reference reference) {
        Digest digest = reference.digest();
        return (digest == null ? reference.withDefaultTag() : reference.withDigest(digest)).toString();
    }
}
