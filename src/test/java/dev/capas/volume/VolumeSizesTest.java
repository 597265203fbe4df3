package dev.capas.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.daemon.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A figure of a volume is the last one, and a new one is taken when there is reason to and not too often. */
class VolumeSizesTest {
    private static final Duration PAUSE = Duration.ofMillis(600);

    private static Stores stores;
    private static Volumes volumes;
    private static Set<String> written = Set.of();

    @BeforeAll
    static void open() throws IOException {
        stores = Stores.open(Stores.Database.H2);
        volumes = stores.get(Volumes.class);
    }

    @AfterAll
    static void close() {
        stores.close();
    }

    /** As after a start of the daemon. */
    private static VolumeSizes sizes() {
        VolumeUsers users = new VolumeUsers() {
            @Override
            public Map<String, List<String>> all() {
                return Map.of("used", List.of("container"));
            }

            @Override
            public Set<String> written() {
                return written;
            }
        };
        return new VolumeSizes(volumes, stores.get(VolumeStore.class), users, PAUSE);
    }

    private static Path volume(String name, Map<String, String> options) {
        return volumes.create(new VolumeRequest(name, "", options, null)).mountpoint();
    }

    private static VolumeSizes.Usage usage(VolumeSizes sizes, String name, boolean anew) {
        return sizes.usage(0, anew).stream()
                .filter(usage -> usage.volume().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void isKeptUntilItIsAskedForAnew() throws Exception {
        Path data = volume("kept", Map.of());
        Files.writeString(data.resolve("a"), "12345");
        Instant before = Instant.now();
        VolumeSizes sizes = sizes();
        VolumeSizes.Usage first = usage(sizes, "kept", false);
        assertThat(first.size()).isEqualTo(5);
        assertThat(first.sized()).isBetween(before, Instant.now());

        Files.writeString(data.resolve("b"), "123");
        assertThat(usage(sizes, "kept", false)).isEqualTo(first);
        assertThat(usage(sizes, "kept", true)).as("too new").isEqualTo(first);
        assertThat(usage(sizes(), "kept", false)).as("kept by the database").isEqualTo(first);

        Thread.sleep(PAUSE);
        VolumeSizes.Usage second = usage(sizes, "kept", true);
        assertThat(second.size()).isEqualTo(8);
        assertThat(second.sized()).isAfter(first.sized());
    }

    @Test
    void isTakenAgainAfterAChangeAndNotTooOften() throws Exception {
        Path data = volume("changed", Map.of());
        VolumeSizes sizes = sizes();
        Instant first = usage(sizes, "changed", false).sized();
        Files.writeString(data.resolve("a"), "12345");
        sizes.changed(Set.of("changed"));
        sizes.changed(Set.of("changed", "gone"));
        awaitSize(sizes, "changed", 5);
        assertThat(usage(sizes, "changed", false).sized()).isAfterOrEqualTo(first.plus(PAUSE));
    }

    @Test
    void isTakenAgainBehindARequestWhileAContainerWrites() throws Exception {
        Path data = volume("used", Map.of());
        VolumeSizes sizes = sizes();
        assertThat(usage(sizes, "used", false).containers()).isEqualTo(1);
        Files.writeString(data.resolve("a"), "123");
        written = Set.of("used");
        try {
            assertThat(usage(sizes, "used", false).size()).isZero();
            awaitSize(sizes, "used", 3);
        } finally {
            written = Set.of();
        }
    }

    @Test
    void isNotTakenOfWhatHasOptions() throws Exception {
        Path data = volume("options", Map.of("type", "tmpfs", "device", "tmpfs"));
        Files.writeString(data.resolve("a"), "below");
        VolumeSizes sizes = sizes();
        sizes.changed(Set.of("options"));
        assertThat(sizes.usage(0, true))
                .extracting(usage -> usage.volume().name())
                .doesNotContain("options");
    }

    private static void awaitSize(VolumeSizes sizes, String name, long expected) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (usage(sizes, name, false).size() != expected) {
            assertThat(System.nanoTime()).as("measured again").isLessThan(end);
            Thread.sleep(20);
        }
    }
}
