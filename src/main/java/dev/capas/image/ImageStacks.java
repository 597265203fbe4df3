package dev.capas.image;

import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Json;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;

/** The stacks of all images and what made their layers, in a form that is read quickly where there are thousands. */
@Component
public class ImageStacks {
    /** How many bytes name a layer in a stack. */
    public static final int DIFF_ID = 32;

    /** More parameters are no faster than the whole table, and PostgreSQL has a limit. */
    private static final int SOME = 1000;

    private static final TypeReference<List<String>> STEPS = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    /** Whether every image is known to have its rows. */
    private volatile boolean complete;

    ImageStacks(JdbcClient jdbc, TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.transaction = transaction;
    }

    /** Inserts the rows of an image whose own row is there already. Joins the transaction that runs. */
    void insert(String image, ImageConfig config) {
        jdbc.sql("insert into image_stack (image, layers) values (?, ?)")
                .params(image, bytes(config.diffIds()))
                .update();
        jdbc.sql("insert into image_steps (image, steps) values (?, ?)")
                .params(image, Json.MAPPER.writeValueAsBytes(steps(config)))
                .update();
    }

    /** The command that made each layer; empty where the history does not tell. */
    private static List<String> steps(ImageConfig config) {
        List<String> steps = new ArrayList<>();
        for (ImageConfig.History step : Objects.requireNonNullElse(config.history(), List.<ImageConfig.History>of())) {
            if (step.hasLayer()) {
                steps.add(Objects.requireNonNullElse(step.createdBy(), ""));
            }
        }
        while (steps.size() < config.diffIds().size()) {
            steps.add("");
        }
        return steps;
    }

    /**
     * Gives the ID of every image, in the order of the IDs, with its stack: {@link #DIFF_ID} bytes for each layer, bottom first. One
     * statement, once all images have their rows.
     */
    public void forEach(BiConsumer<Digest, byte[]> consumer) {
        complete();
        jdbc.sql("select image, layers from image_stack order by image")
                .query((RowCallbackHandler) row -> consumer.accept(new Digest(row.getString(1)), row.getBytes(2)));
    }

    /** The DiffIDs of the layers of every image, bottom first, by one statement. */
    public Map<Digest, List<Digest>> all() {
        Map<Digest, Digest> known = new HashMap<>();
        Map<Digest, List<Digest>> stacks = new HashMap<>();
        forEach((image, stack) -> {
            List<Digest> layers = new ArrayList<>(stack.length / DIFF_ID);
            for (int at = 0; at < stack.length; at += DIFF_ID) {
                Digest layer = Digest.of(Arrays.copyOfRange(stack, at, at + DIFF_ID));
                layers.add(known.computeIfAbsent(layer, same -> same));
            }
            stacks.put(image, layers);
        });
        return stacks;
    }

    /** Which layers all images list, and what they weigh, by two statements. */
    ListedLayers listed() {
        Map<ByteBuffer, Integer> numbers = new HashMap<>();
        LongStream.Builder sizes = LongStream.builder();
        jdbc.sql("select diff_id, size from layer").query((RowCallbackHandler) row -> {
            numbers.put(ByteBuffer.wrap(new Digest(row.getString(1)).bytes()), numbers.size());
            sizes.add(row.getLong(2));
        });
        Map<Digest, int[]> stacks = new HashMap<>();
        forEach((image, stack) -> stacks.put(
                image,
                IntStream.range(0, stack.length / DIFF_ID)
                        .mapToObj(place -> numbers.get(ByteBuffer.wrap(stack, place * DIFF_ID, DIFF_ID)))
                        .filter(Objects::nonNull)
                        .mapToInt(Integer::intValue)
                        .distinct()
                        .toArray()));
        return new ListedLayers(stacks, sizes.build().toArray());
    }

    /** The commands that made the layers of these images, bottom first, by one statement; empty where the history does not tell. */
    public Map<Digest, List<String>> steps(Collection<Digest> images) {
        Map<Digest, List<String>> found = new HashMap<>();
        RowCallbackHandler each = row -> {
            Digest image = new Digest(row.getString(1));
            if (images.size() <= SOME || images.contains(image)) {
                found.put(image, Json.MAPPER.readValue(row.getBytes(2), STEPS));
            }
        };
        if (images.size() > SOME) {
            jdbc.sql("select image, steps from image_steps").query(each);
        } else if (!images.isEmpty()) {
            jdbc.sql("select image, steps from image_steps where image in (:images)")
                    .param("images", images.stream().map(Digest::hex).toList())
                    .query(each);
        }
        return found;
    }

    /** Makes the rows of images that an earlier version kept. */
    private void complete() {
        if (complete) {
            return;
        }
        List<String> missing = jdbc.sql(
                        "select id from image i where not exists (select 1 from image_stack s where s.image = i.id)")
                .query(String.class)
                .list();
        for (String image : missing) {
            transaction.executeWithoutResult(status -> jdbc.sql("select config from image where id = ? for update")
                    .param(image)
                    .query((row, number) -> row.getBytes(1))
                    .optional()
                    .ifPresent(config -> insertMissing(image, ImageStore.parse(config))));
        }
        complete = true;
    }

    private void insertMissing(String image, ImageConfig config) {
        boolean made = jdbc.sql("select 1 from image_stack where image = ?")
                .param(image)
                .query(Integer.class)
                .optional()
                .isPresent();
        if (!made) {
            insert(image, config);
        }
    }

    /** The bytes of a stack, bottom first. */
    public static byte[] bytes(List<Digest> diffIds) {
        var bytes = new ByteArrayOutputStream();
        diffIds.forEach(diffId -> bytes.writeBytes(diffId.bytes()));
        return bytes.toByteArray();
    }
}
