package dev.capas.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.daemon.Stores;
import dev.capas.e2e.ImageTar;
import dev.capas.errdefs.EngineException;
import dev.capas.layer.Lease;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.transaction.support.TransactionTemplate;

/** Images and their names as rows, on each database. */
@ParameterizedClass
@EnumSource(Stores.Database.class)
class ImageStoreTest {
    private static final int ROUNDS = Integer.getInteger("capas.races", 50);
    private static final byte[] BASE = ImageTar.layer("base", "base");
    private static final byte[] TOP = ImageTar.layer("top", "top of it");

    private static Stores stores;

    @Parameter
    Stores.Database database;

    @BeforeParameterizedClassInvocation
    static void open(Stores.Database database) throws IOException {
        stores = Stores.open(database);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        stores.close();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (ListedImage image : store().listed()) {
            delete(image.id().hex());
        }
        assertThat(stores.layers().all()).isEmpty();
        assertThat(stores.faults()).isEmpty();
    }

    private static ImageStore store() {
        return stores.get(ImageStore.class);
    }

    private static ReferenceStore references() {
        return stores.get(ReferenceStore.class);
    }

    private static void delete(String name) {
        stores.get(ImageDeletion.class).delete(name, true, true);
    }

    private static void load(byte[] archive) throws IOException {
        stores.get(ImageLoad.class).load(new ByteArrayInputStream(archive), true, line -> {});
    }

    private static Digest image(String tag, byte[]... layers) throws IOException {
        load(ImageTar.tar(ImageTar.files(tag, layers)));
        return references().find(Reference.parse(tag)).orElseThrow();
    }

    @Test
    void imagesOfAnEarlierVersionGetTheirStacks() throws IOException {
        Digest image = image("old:1", BASE, TOP);
        stores.rows().sql("delete from image_stack").update();
        stores.rows().sql("delete from image_steps").update();
        ImageStacks stacks = new ImageStacks(stores.rows(), stores.get(TransactionTemplate.class));
        Map<Digest, byte[]> found = new HashMap<>();
        stacks.forEach(found::put);
        assertThat(found).containsOnlyKeys(image);
        assertThat(found.get(image))
                .isEqualTo(ImageStacks.bytes(List.of(Digest.ofContent(BASE), Digest.ofContent(TOP))));
        assertThat(stacks.steps(List.of(image))).isEqualTo(Map.of(image, List.of("", "")));
    }

    @Test
    void anImageIsTheExactBytesOfItsConfiguration() throws IOException {
        String json = new String(ImageTar.config(List.of(Digest.ofContent(BASE))), StandardCharsets.UTF_8)
                .replace("\"Cmd\"", "\"Labels\":{\"a\":\"\\u0000 \u00e9 \ud83d\ude00\"}, \"Cmd\"");
        byte[] config = json.getBytes(StandardCharsets.UTF_8);
        Map<String, byte[]> files = ImageTar.files("exact:1", BASE);
        files.put(
                Digest.ofContent(ImageTar.config(List.of(Digest.ofContent(BASE))))
                                .hex() + ".json",
                config);
        load(ImageTar.tar(files));
        Image image = store().find(Digest.ofContent(config)).orElseThrow();
        stores.restart();
        assertThat(store().json(image.id())).isEqualTo(config);
        assertThat(store().find(image.id()).orElseThrow().config().runConfig().labels())
                .containsEntry("a", "\0 \u00e9 \ud83d\ude00");
    }

    @Test
    void sizesAreSumsOverLayers() throws IOException {
        Digest both = image("both:1", BASE, TOP);
        Digest twice = image("twice:1", BASE, BASE, BASE);
        Digest alone = image("alone:1", ImageTar.layer("alone", "12345"));
        assertThat(store().find(both).orElseThrow().size()).isEqualTo(4 + 9);
        assertThat(store().find(twice).orElseThrow().size()).isEqualTo(12);
        assertThat(store().listed()).extracting(ListedImage::size).containsExactlyInAnyOrder(13L, 12L, 5L);
        assertThat(store().listedLayers().weigh(image -> true))
                .isEqualTo(new ListedLayers.Weights(4 + 9 + 5, Map.of(both, 4L, twice, 4L)));
        assertThat(store().listedLayers().weigh(alone::equals)).isEqualTo(new ListedLayers.Weights(5, Map.of()));
        assertThat(store().find(alone).orElseThrow().diffIds()).hasSize(1);
    }

    @Test
    void namesPointToImages() throws IOException {
        Digest first = image("some/name:1", BASE);
        Digest second = image("some/name_x:1", TOP);
        assertThat(store().<Digest>write(() -> references().put(Reference.parse("some/name:1"), second)))
                .isEqualTo(first);
        assertThat(references().of(first)).isEmpty();
        assertThat(references().of(second)).hasToString("[docker.io/some/name:1, docker.io/some/name_x:1]");
        assertThat(references().inRepository("docker.io/some/name").keySet()).hasToString("[docker.io/some/name:1]");
        assertThat(references().inRepository("docker.io/some/name_").keySet()).isEmpty();
        assertThat(references().all()).containsOnlyKeys(second);
        assertThat(store().findByPrefix(first.hex().substring(0, 12))).contains(first);
        assertThat(store().findByPrefix("")).as("several").isEmpty();
        store().write(() -> {
            references().remove(Reference.parse("some/name:1"));
            store().setTagged(second, Instant.EPOCH);
            store().setParent(second, first);
            return second;
        });
        assertThat(references().find(Reference.parse("some/name:1"))).isEmpty();
        assertThat(store().find(second).orElseThrow().lastTagged()).isEqualTo(Instant.EPOCH);
        assertThat(store().hasChildren(first)).isTrue();
        assertThat(store().parents()).containsExactly(first);
        delete(second.hex());
    }

    @Test
    void aChangeIsWholeOrNotAtAll() throws IOException {
        byte[] config = ImageTar.config(List.of(Digest.ofContent(BASE)));
        assertThatThrownBy(() -> store().write(() -> store().add(config, ImageStore.parse(config))))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("layer does not exist");
        try (Lease lease = stores.layers().lease("test")) {
            stores.layers().add(new ByteArrayInputStream(BASE), null, null, lease);
            assertThatThrownBy(() -> store().<Object>write(() -> {
                        Image image = store().add(config, ImageStore.parse(config));
                        references().put(Reference.parse("half:1"), image.id());
                        throw new IllegalStateException("half-way");
                    }))
                    .hasMessage("half-way");
        }
        assertThat(store().listed()).isEmpty();
        assertThat(references().all()).isEmpty();
    }

    @Test
    void aSavedArchiveLoadsAndSavesTheSame() throws IOException {
        Digest id = image("saved:1", BASE, TOP);
        byte[] saved = save();
        delete("saved:1");
        load(saved);
        assertThat(references().find(Reference.parse("saved:1"))).contains(id);
        assertThat(save()).isEqualTo(saved);
    }

    private static byte[] save() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ImageSave.Archive archive = stores.get(ImageSave.class).open(List.of("saved:1"), null)) {
            archive.writeTo(out);
        }
        return out.toByteArray();
    }

    @Test
    void loadingDeletingAndSavingAtOnce() throws Exception {
        byte[] first = ImageTar.tar(ImageTar.files("race:1", BASE, TOP));
        byte[] second = ImageTar.tar(ImageTar.files("race:2", TOP, BASE));
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Object>> work = List.of(
                    repeated(() -> load(first)),
                    repeated(() -> load(second)),
                    repeated(() -> delete("race:1")),
                    repeated(() -> {
                        try (ImageSave.Archive archive =
                                stores.get(ImageSave.class).open(List.of("race:2"), null)) {
                            archive.writeTo(new ByteArrayOutputStream());
                        }
                        delete("race:2");
                    }));
            List<Future<Object>> running = new ArrayList<>();
            work.forEach(one -> running.add(threads.submit(one)));
            for (Future<Object> one : running) {
                one.get();
            }
        }
        load(first);
        assertThat(store().listed()).hasSizeBetween(1, 2);
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Whoever comes first wins: the others hear that there is no such image. */
    private static Callable<Object> repeated(Step step) {
        return () -> {
            for (int round = 0; round < ROUNDS; round++) {
                try {
                    step.run();
                } catch (EngineException e) {
                    assertThat(e.kind()).as(e.getMessage()).isEqualTo(EngineException.Kind.NOT_FOUND);
                }
            }
            return true;
        };
    }
}
