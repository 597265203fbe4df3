package dev.capas.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.daemon.Stores;
import dev.capas.e2e.ImageTar;
import dev.capas.errdefs.EngineException;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whatever is deleted in whatever order: a draft says before what the deletion says after. */
class ImageDraftTest {
    private static final int ROUNDS = 12;
    private static final int IMAGES = 6;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void saysWhatDeletionsDo() throws IOException {
        Set<String> seen = new HashSet<>();
        try (Stores stores = Stores.open(Stores.Database.H2)) {
            for (int round = 0; round < ROUNDS; round++) {
                List<Digest> images = images(stores);
                List<String> names = new ArrayList<>(stores.get(ReferenceStore.class).all().values().stream()
                        .flatMap(List::stream)
                        .map(Reference::toString)
                        .toList());
                images.forEach(image -> names.add(image.hex()));
                names.add("nothing");
                for (int i = 0; i < 2 * names.size(); i++) {
                    String name = names.get(random.nextInt(names.size()));
                    boolean force = random.nextInt(4) == 0;
                    boolean parents = random.nextInt(4) > 0;
                    ImageDeletion deletion = stores.get(ImageDeletion.class);
                    Object said = outcome(() -> deletion.preview(name, force, parents));
                    assertThat(outcome(() -> deletion.delete(name, force, parents)))
                            .as(name + " force " + force + " parents " + parents + " seed " + seed)
                            .isEqualTo(said);
                    seen.add(
                            said instanceof String message
                                    ? message.replaceAll("[0-9a-f]{12,}|.*: nothing.*", "")
                                    : "done");
                }
                images.forEach(
                        image -> outcome(() -> stores.get(ImageDeletion.class).delete(image.hex(), true, true)));
                stores.get(ImageStore.class)
                        .listed()
                        .reversed()
                        .forEach(image -> outcome(() -> stores.get(ImageDeletion.class)
                                .delete(image.id().hex(), true, true)));
            }
        }
        assertThat(seen).as("done, not there, has children, has other names").hasSizeGreaterThanOrEqualTo(4);
    }

    private interface Work {
        Object run();
    }

    private static Object outcome(Work work) {
        try {
            return work.run();
        } catch (EngineException e) {
            return e.kind() + " " + e.getMessage();
        }
    }

    /** Some that share layers, have several names or none, and are made from each other. */
    private List<Digest> images(Stores stores) throws IOException {
        ImageStore store = stores.get(ImageStore.class);
        List<Digest> images = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            byte[][] layers = new byte[1 + random.nextInt(3)][];
            for (int layer = 0; layer < layers.length; layer++) {
                layers[layer] = ImageTar.layer("layer" + random.nextInt(6), "x");
            }
            String name = "name" + random.nextInt(3) + ":" + random.nextInt(2);
            byte[] archive = ImageTar.tar(ImageTar.files(name, layers));
            stores.get(ImageLoad.class).load(new ByteArrayInputStream(archive), true, line -> {});
            Digest image = stores.get(Images.class).resolve(name).id();
            if (random.nextBoolean()) {
                stores.get(Images.class).tag(name, "other" + random.nextInt(3) + ":" + random.nextInt(2), null);
            }
            if (!images.isEmpty() && !images.contains(image)) {
                Digest parent = images.get(random.nextInt(images.size()));
                store.write(() -> {
                    store.setParent(image, parent);
                    return parent;
                });
            }
            if (!images.contains(image)) {
                images.add(image);
            }
        }
        return images;
    }
}
