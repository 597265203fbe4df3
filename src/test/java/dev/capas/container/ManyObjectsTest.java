package dev.capas.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.daemon.Stores;
import dev.capas.filter.Filters;
import dev.capas.image.ImageList;
import dev.capas.image.ImageStacks;
import dev.capas.image.ImageSummary;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import dev.capas.volume.VolumeRequest;
import dev.capas.volume.VolumeSizes;
import dev.capas.volume.Volumes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists cost as many statements for many objects as for few. */
class ManyObjectsTest {
    private static final int FEW = 2;
    private static final int MANY = 60;

    private Stores stores;

    @BeforeEach
    void open() throws IOException {
        stores = Stores.open(Stores.Database.H2);
    }

    @AfterEach
    void close() {
        stores.close();
    }

    @Test
    void takeNoMoreStatements() {
        insert(0, FEW);
        Map<String, Long> few = statements(FEW);
        insert(FEW, MANY);
        stores.restart();
        assertThat(statements(MANY))
                .isEqualTo(few)
                .allSatisfy((request, count) -> assertThat(count).isBetween(0L, 7L));
        assertThat(few).containsEntry("images again", 0L);
    }

    private Map<String, Long> statements(int objects) {
        Map<String, Long> counts = new LinkedHashMap<>();
        Containers containers = stores.get(Containers.class);
        counts.put(
                "load",
                count(() ->
                        stores.get(ContainerStore.class).load().forEach(loaded -> containers.add(loaded.container()))));
        ContainerList list = stores.get(ContainerList.class);
        for (String request : List.of("containers", "containers again")) {
            counts.put(request, count(() -> {
                List<ContainerSummary> all = List.copyOf(list.list(Filters.NONE, true, 0, true));
                assertThat(all).hasSize(objects).allSatisfy(container -> {
                    assertThat(container.image()).startsWith("image-");
                    assertThat(container.sizeRw()).isEqualTo(7);
                    assertThat(container.sizeRootFs()).isEqualTo(37);
                });
            }));
        }
        ImageList images = stores.get(ImageList.class);
        for (String request : List.of("images", "images again")) {
            counts.put(request, count(() -> {
                List<ImageSummary> all = images.list(Filters.NONE, true, true, 0);
                assertThat(all).hasSize(objects).allSatisfy(image -> {
                    assertThat(image.image().size()).isEqualTo(30);
                    assertThat(image.sharedSize()).isEqualTo(10);
                    assertThat(image.containers()).isEqualTo(1);
                });
            }));
        }
        counts.put("layers", count(images::layersSize));
        VolumeSizes volumes = stores.get(VolumeSizes.class);
        assertThat(volumes.usage(0, false)).hasSize(objects);
        counts.put("volumes again", count(() -> volumes.usage(0, false)));
        return counts;
    }

    /** How many statements the database has executed for it. */
    private long count(Runnable request) {
        stores.rows().sql("set query_statistics false").update();
        stores.rows().sql("set query_statistics true").update();
        request.run();
        return stores.rows()
                .sql("select coalesce(sum(execution_count), 0) from information_schema.query_statistics"
                        + " where lower(sql_statement) not like 'set %'")
                .query(Long.class)
                .single();
    }

    /** Images of a layer that all have and two of their own, a container of each, and volumes. */
    private void insert(int from, int to) {
        IntStream.range(from, to).forEach(number -> {
            List<String> stack = List.of("base", "one " + number, "two " + number);
            byte[] config = ("{\"rootfs\":{\"type\":\"layers\"},\"author\":\"" + number + "\"}")
                    .getBytes(StandardCharsets.UTF_8);
            String image = Digest.ofContent(config).hex();
            update("insert into image (id, config) values (?, ?)", image, config);
            update(
                    "insert into image_reference (name, image) values (?, ?)",
                    "docker.io/library/image-" + number + ":latest",
                    image);
            String container = hex("container " + number);
            update(
                    """
                    insert into container (id, name, created, image, config, host_config, mounts, networks, status, exit_code, error,
                    oom_killed, restart_count, stopped_by_hand) values (?, ?, ?, ?, ?, ?, '[]', '{}', 'EXITED', 0, '', false, 0, false)""",
                    container,
                    "name-" + number,
                    number,
                    image,
                    Json.MAPPER.writeValueAsString(Map.of("Image", "image-" + number, "Cmd", List.of("true"))),
                    "{\"NetworkMode\":\"none\",\"LogConfig\":{\"Type\":\"none\"}}");
            update(
                    "insert into read_write_layer (container, directory, size, disk_usage) values (?, ?, 7, 4096)",
                    container,
                    "containers/" + container);
            update(
                    "insert into image_stack (image, layers) values (?, ?)",
                    image,
                    ImageStacks.bytes(stack.stream()
                            .map(ManyObjectsTest::hex)
                            .map(Digest::new)
                            .toList()));
            for (int position = 0; position < stack.size(); position++) {
                String layer = hex(stack.get(position));
                update("""
                        insert into layer (diff_id, size, disk_usage, tar_size, files, created, boot_id, synced)
                        select cast(? as varchar), 10, 4096, 10, 1, current_timestamp, '', true
                        where not exists (select 1 from layer where diff_id = ?)""", layer, layer);
                update("insert into image_layer (image, position, layer) values (?, ?, ?)", image, position, layer);
                update(
                        "insert into container_layer (container, position, layer) values (?, ?, ?)",
                        container,
                        position,
                        layer);
            }
            update("insert into image_summary (image, nanos, size) values (?, 0, 30)", image);
            stores.get(Volumes.class).create(new VolumeRequest("volume-" + number, "", null, null));
        });
    }

    private void update(String sql, Object... parameters) {
        stores.rows().sql(sql).params(parameters).update();
    }

    private static String hex(String text) {
        return Digest.ofContent(text.getBytes(StandardCharsets.UTF_8)).hex();
    }
}
