package dev.capas.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.daemon.Stores;
import dev.capas.e2e.ImageTar;
import dev.capas.image.ImageLoad;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A hundred images of ten layers, some of which all have: a plan of them all is made at once, and asks no more of the database than one of a few. */
class ReclaimTest {
    private static final int FEW = 10;
    private static final int IMAGES = 100;
    private static final int SHARED = 8;
    private static final int TIMES = 31;

    /** Of the thread, so that whoever else is at work on the machine does not count. */
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

    private static Stores stores;
    private static int statementsOfFew;
    private static int statementsOfFewChosen;

    @BeforeAll
    static void open() throws IOException {
        stores = Stores.open(Stores.Database.H2);
        load(0, FEW);
        plan(null);
        statementsOfFew = stores.statements(() -> plan(null));
        statementsOfFewChosen = stores.statements(() -> plan("90"));
        load(FEW, IMAGES);
    }

    /** All in one archive, which has each layer once. */
    private static void load(int from, int to) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<String> manifests = new ArrayList<>();
        for (int i = from; i < to; i++) {
            byte[][] layers = new byte[SHARED + 2][];
            for (int layer = 0; layer < SHARED; layer++) {
                layers[layer] = ImageTar.layer("shared" + layer, "12345");
            }
            layers[SHARED] = ImageTar.layer("pair", "p" + i / 2);
            layers[SHARED + 1] = ImageTar.layer("own", "x".repeat(10) + (char) ('0' + i / 10) + (char) ('0' + i % 10));
            files.putAll(ImageTar.files("image:" + i, layers));
            String manifest = new String(files.remove("manifest.json"), StandardCharsets.UTF_8);
            manifests.add(manifest.substring(1, manifest.length() - 1));
        }
        files.put("manifest.json", manifests.toString().getBytes(StandardCharsets.UTF_8));
        stores.get(ImageLoad.class).load(new ByteArrayInputStream(ImageTar.tar(files)), true, line -> {});
    }

    @AfterAll
    static void close() {
        stores.close();
    }

    private static ReclaimPlan plan(@Nullable String free) {
        return stores.get(Reclaim.class).plan(ReclaimRequest.of(null, null, null, null, free));
    }

    @Test
    void aHundredImagesTakeAsManyStatementsAsTen() {
        assertThat(plan(null).items()).hasSize(IMAGES);
        assertThat(stores.statements(() -> plan(null)))
                .isEqualTo(statementsOfFew)
                .isPositive();
        assertThat(stores.statements(() -> plan("900"))).isEqualTo(statementsOfFewChosen);
    }

    @Test
    void aHundredImagesTakeNoTime() {
        assertThat(median(null)).as("milliseconds").isLessThan(50);
        assertThat(median("900")).as("milliseconds").isLessThan(50);
    }

    private static long median(@Nullable String free) {
        long[] times = new long[TIMES];
        for (int i = 0; i < TIMES; i++) {
            long begin = CLOCK.getCurrentThreadCpuTime();
            plan(free);
            times[i] = CLOCK.getCurrentThreadCpuTime() - begin;
        }
        Arrays.sort(times);
        System.out.println("a plan of " + IMAGES + " images: " + times[TIMES / 2] / 1000 + " us");
        return times[TIMES / 2] / 1_000_000;
    }

    @Test
    void thePlanIsTheSumOfWhatGoes() {
        ReclaimPlan all = plan(null);
        long pairs = IntStream.range(0, IMAGES / 2)
                .mapToLong(i -> ("p" + i).length())
                .sum();
        assertThat(all.reclaimable()).isEqualTo(SHARED * 5 + pairs + IMAGES * 12L);
        assertThat(all.items()).extracting(ReclaimPlan.Item::reclaimable).containsOnly(12L);
        assertThat(all.kept()).isEmpty();
        ReclaimPlan some = plan("50");
        assertThat(some.items()).hasSizeBetween(4, 5);
        assertThat(some.reclaimable()).isBetween(50L, 62L);
        assertThat(some.kept()).as("what all have").hasSize(SHARED);
    }
}
