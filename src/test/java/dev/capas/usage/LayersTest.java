package dev.capas.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.daemon.Stores;
import dev.capas.e2e.ImageTar;
import dev.capas.filter.Filters;
import dev.capas.filter.Slice;
import dev.capas.image.ImageLoad;
import dev.capas.image.ImageUse;
import dev.capas.image.Images;
import dev.capas.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers and who uses them, on each database: twenty images, each of the same two layers, one that two have, and one of its own. */
@ParameterizedClass
@EnumSource(Stores.Database.class)
class LayersTest {
    private static final int IMAGES = 20;
    private static final byte[] BASE = ImageTar.layer("base", "a".repeat(1000));
    private static final byte[] SECOND = ImageTar.layer("second", "b".repeat(2000));

    private static Stores stores;

    @Parameter
    Stores.Database database;

    @BeforeParameterizedClassInvocation
    static void open(Stores.Database database) throws IOException {
        stores = Stores.open(database);
        for (int i = 0; i < IMAGES; i++) {
            load(i);
        }
    }

    private static void load(int number) throws IOException {
        byte[] pair = ImageTar.layer("pair", "c".repeat(10 + number / 2));
        byte[] own = ImageTar.layer("own", "d".repeat(100 + number));
        byte[] archive = ImageTar.tar(ImageTar.files("app" + number + ":latest", BASE, SECOND, pair, own, BASE));
        stores.get(ImageLoad.class).load(new ByteArrayInputStream(archive), true, line -> {});
    }

    @AfterParameterizedClassInvocation
    static void close() {
        stores.close();
    }

    private static Layers layers() {
        return stores.get(Layers.class);
    }

    private static LayerQuery query(@Nullable String sort) {
        return LayerQuery.of(Filters.NONE, sort);
    }

    private static List<UsedLayer> all(String sort) {
        return layers().list(query(sort), Integer.MAX_VALUE, null).items();
    }

    @Test
    void tellsWhoUsesWhat() {
        List<UsedLayer> bySize = all("-size");
        assertThat(bySize).hasSize(2 + IMAGES / 2 + IMAGES);
        UsedLayer second = bySize.getFirst();
        assertThat(second.layer().size()).isEqualTo(2000);
        assertThat(second.refCount()).isEqualTo(IMAGES);
        assertThat(second.users())
                .hasSize(Layers.LISTED_USERS)
                .allSatisfy(user -> assertThat(user.position()).isEqualTo(1));
        UsedLayer base = bySize.get(1);
        assertThat(base.refCount()).as("once, though it lies twice in each").isEqualTo(IMAGES);
        assertThat(base.users().getFirst().position()).isZero();
        UsedLayer own = bySize.get(2);
        assertThat(own.layer().size()).isEqualTo(100 + IMAGES - 1);
        assertThat(own.users()).singleElement().isInstanceOfSatisfying(LayerUser.OfImage.class, user -> {
            assertThat(user.names()).containsExactly("app19:latest");
            assertThat(user.position()).isEqualTo(3);
        });
        assertThat(layers().get(base.layer().diffId().toString()).users()).hasSize(IMAGES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "size",
                "-size",
                "created",
                "-created",
                "diskUsage",
                "-diskUsage",
                "files",
                "-files",
                "compressedSize",
                "-compressedSize",
                "diffID",
                "-DIFFID",
                "refCount",
                "-refcount",
                "lastUsed",
                "-lastUsed"
            })
    void pagesAreTheWholeList(String sort) {
        List<Digest> whole =
                all(sort).stream().map(used -> used.layer().diffId()).toList();
        List<Digest> pages = new ArrayList<>();
        @Nullable String after = null;
        do {
            Slice<UsedLayer> page = layers().list(query(sort), 7, after);
            page.items().forEach(used -> pages.add(used.layer().diffId()));
            after = page.next();
        } while (after != null);
        assertThat(pages).doesNotHaveDuplicates().isEqualTo(whole);
        List<Digest> turned = all(sort.startsWith("-") ? sort.substring(1) : "-" + sort).stream()
                .map(used -> used.layer().diffId())
                .toList();
        assertThat(turned.reversed()).isEqualTo(whole);
    }

    @Test
    void takesAsManyStatementsForOneLayerAsForAll() {
        all("size");
        for (String sort : List.of("-size", "-lastUsed")) {
            assertThat(stores.statements(() -> layers().list(query(sort), 1, null)))
                    .as(sort)
                    .isEqualTo(5);
            assertThat(stores.statements(() -> all(sort))).as(sort).isEqualTo(5);
        }
        String base = Digest.ofContent(BASE).toString();
        assertThat(stores.statements(() -> layers().get(base))).isEqualTo(5);
        assertThat(stores.statements(() -> layers().get(Digest.ofContent(ImageTar.layer("own", "d".repeat(100)))
                        .toString())))
                .isEqualTo(5);
    }

    @Test
    void aStackTakesAsManyStatementsHoweverManyShareIt() {
        Stacks stacks = stores.get(Stacks.class);
        stacks.ofImage("app3");
        int few = stores.statements(() -> stacks.ofImage("app3"));
        assertThat(few).isLessThanOrEqualTo(8);
        List<StackStep> steps = stacks.ofImage("app3");
        assertThat(steps).extracting(StackStep::position).containsExactly(0, 1, 2, 3, 4);
        assertThat(steps).extracting(StackStep::total).containsExactly(1000L, 3000L, 3011L, 3114L, 4114L);
        assertThat(steps).extracting(StackStep::shared).containsExactly(IMAGES - 1, IMAGES - 1, 1, 0, IMAGES - 1);
        assertThat(steps.get(2).sharedWith())
                .singleElement()
                .isInstanceOfSatisfying(
                        LayerUser.OfImage.class,
                        user -> assertThat(user.names()).containsExactly("app2:latest"));
    }

    @Test
    void whenAnImageWasLastUsedOnlyMovesOn() {
        Digest image = stores.get(Images.class).resolve("app7").id();
        Digest own = Digest.ofContent(ImageTar.layer("own", "d".repeat(107)));
        assertThat(layers().get(own.hex()).lastUsed()).isNull();
        Instant late = Instant.parse("2026-03-04T05:06:07.123456789Z");
        ImageUse use = stores.get(ImageUse.class);
        use.keep(image, late);
        use.keep(image, Instant.parse("2025-01-01T00:00:00Z"));
        assertThat(layers().get(own.hex()).lastUsed()).isEqualTo(late);
        assertThat(all("-lastUsed").getFirst().lastUsed()).isEqualTo(late);
        use.keep(new Digest("0".repeat(64)), late);
        assertThat(use.all()).containsOnlyKeys(image);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "99", "/", "nosize/0000", "12/zz"})
    void aPlaceThatNobodyGaveIsNone(String after) {
        for (String sort : List.of("size", "created", "refCount")) {
            assertThatThrownBy(() -> layers().list(query(sort), 7, after))
                    .hasMessage("invalid cursor: it is not of this query");
        }
    }

    @Test
    void filtersAreJoined() {
        LayerQuery both = LayerQuery.of(
                Filters.of("image", "app0", "app1").and("larger", "999B").and("unused", "true"), "size");
        assertThat(layers().list(both, 10, null).items())
                .extracting(used -> used.layer().size())
                .containsExactly(1000L, 2000L);
        assertThat(layers().list(LayerQuery.of(Filters.of("image", "app0", "app1"), null), 10, null)
                        .items())
                .hasSize(5);
        assertThatThrownBy(() -> layers().list(LayerQuery.of(Filters.of("image", "none"), null), 10, null))
                .hasMessage("No such image: none:latest");
        assertThatThrownBy(() -> LayerQuery.of(Filters.of("shape", "x"), null)).hasMessage("invalid filter 'shape'");
        assertThatThrownBy(() -> query("-weight"))
                .hasMessageStartingWith("invalid sort 'weight': the keys are created, size");
        assertThatThrownBy(() -> query("--size")).hasMessageStartingWith("invalid sort '-size'");
    }

    @Test
    void prefixesMustTellLayersApart() {
        List<String> ids =
                all("diffID").stream().map(used -> used.layer().diffId().hex()).toList();
        int pair = IntStream.range(1, ids.size())
                .filter(i -> ids.get(i).charAt(0) == ids.get(i - 1).charAt(0))
                .findFirst()
                .orElseThrow();
        String ambiguous = ids.get(pair).substring(0, 1);
        assertThat(layers().get(ids.get(pair).substring(0, 20)).layer().diffId().hex())
                .isEqualTo(ids.get(pair));
        assertThatThrownBy(() -> layers().get(ambiguous))
                .hasMessage("multiple IDs found with provided prefix: " + ambiguous);
        for (String unknown : List.of("0".repeat(64), "sha256:", "SHA256:" + ids.getFirst(), "../x", "%")) {
            assertThatThrownBy(() -> layers().get(unknown)).hasMessage("No such layer: " + unknown);
        }
    }
}
