package dev.capas.daemon;

import dev.capas.layer.LayerVerification;
import dev.capas.linux.TreeUsage;
import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.JacksonException;

/** Compares what the database says with what is on the disk, and with itself. Changes neither. */
final class StoreCheck {
    private final JdbcClient database;
    private final Path dataRoot;
    private final List<String> differences = new ArrayList<>();
    private final List<String> leftovers = new ArrayList<>();

    private StoreCheck(JdbcClient database, Path dataRoot) {
        this.database = database;
        this.dataRoot = dataRoot;
    }

    /**
     * What was found, each in words for a person.
     *
     * @param differences what should not be
     * @param leftovers of what an engine was doing when it ended; its next start removes them
     */
    record Findings(List<String> differences, List<String> leftovers) {}

    static Findings check(JdbcClient database, Path dataRoot) throws IOException {
        StoreCheck check = new StoreCheck(database, dataRoot);
        check.layers();
        check.images();
        check.references();
        check.containers();
        check.volumes();
        check.leftovers("staging");
        check.leftovers("trash");
        return new Findings(check.differences, check.leftovers);
    }

    private record LayerFacts(
            String diffId,
            long size,
            long tarSize,
            long files,
            @Nullable String damaged) {}

    private void layers() throws IOException {
        Path directory = dataRoot.resolve("layers/sha256");
        Set<String> rows = new HashSet<>();
        for (LayerFacts layer : database.sql(
                        "select diff_id, size, tar_size, files, damaged from layer order by diff_id")
                .query(LayerFacts.class)
                .list()) {
            rows.add(layer.diffId());
            Path place = directory.resolve(layer.diffId());
            if (!Files.isDirectory(place)) {
                differences.add("layer " + layer.diffId() + ": its directory is missing");
                continue;
            }
            LayerVerification.differences(
                            place, new Digest(layer.diffId()), layer.size(), layer.tarSize(), layer.files())
                    .forEach(difference -> differences.add("layer " + layer.diffId() + ": " + difference));
            if (layer.damaged() != null) {
                differences.add("layer " + layer.diffId() + ": was found damaged: " + layer.damaged());
            }
        }
        for (String name : names(directory)) {
            if (!rows.contains(name)) {
                differences.add("layers/sha256/" + name + ": no layer has this directory");
            }
        }
    }

    private record ImageFacts(String id, byte[] config) {}

    private void images() {
        for (ImageFacts image : database.sql("select id, config from image order by id")
                .query(ImageFacts.class)
                .list()) {
            Digest now = Digest.ofContent(image.config());
            if (!now.hex().equals(image.id())) {
                differences.add("image " + image.id() + ": its configuration has the digest " + now);
            }
            List<String> stack = database.sql("select layer from image_layer where image = ? order by position")
                    .param(image.id())
                    .query(String.class)
                    .list();
            try {
                ImageConfig config = Json.MAPPER.readValue(image.config(), ImageConfig.class);
                if (!config.diffIds().stream().map(Digest::hex).toList().equals(stack)) {
                    differences.add("image " + image.id() + ": its rows name other layers than its configuration");
                }
            } catch (JacksonException e) {
                differences.add(
                        "image " + image.id() + ": its configuration cannot be read: " + e.getOriginalMessage());
            }
        }
    }

    /** Foreign keys hold within the database; this is for one that was damaged. */
    private void references() {
        refers("image_layer", "image", "image", "id");
        refers("image_layer", "layer", "layer", "diff_id");
        refers("image_reference", "image", "image", "id");
        refers("lease_layer", "layer", "layer", "diff_id");
        refers("container_layer", "container", "read_write_layer", "container");
        refers("container_layer", "layer", "layer", "diff_id");
        refers("mounted_layer", "container", "read_write_layer", "container");
        refers("mounted_layer", "layer", "layer", "diff_id");
        refers("read_write_layer", "container", "container", "id");
        refers("container", "id", "read_write_layer", "container");
    }

    private void refers(String table, String column, String to, String key) {
        database.sql("select distinct " + column + " from " + table + " where " + column + " not in (select " + key
                        + " from " + to + ")")
                .query(String.class)
                .list()
                .forEach(missing ->
                        differences.add(table + ": refers to " + to + " " + missing + ", which is not here"));
    }

    private record ReadWriteFacts(
            String container, String directory, @Nullable Long size) {}

    private void containers() throws IOException {
        Set<String> rows = new TreeSet<>(
                database.sql("select id from container").query(String.class).list());
        for (ReadWriteFacts layer : database.sql("select container, directory, size from read_write_layer")
                .query(ReadWriteFacts.class)
                .list()) {
            Path upper = dataRoot.resolve(layer.directory()).resolve("upper");
            if (!Files.isDirectory(upper)) {
                differences.add("container " + layer.container() + ": its read-write layer is missing");
            } else if (layer.size() != null) {
                long now = TreeUsage.of(upper).apparent();
                if (now != layer.size()) {
                    differences.add("container " + layer.container() + ": the size of its read-write layer is now "
                            + now + ", not " + layer.size());
                }
            }
        }
        for (String name : names(dataRoot.resolve("containers"))) {
            if (!rows.contains(name)) {
                differences.add("containers/" + name + ": no container has this directory");
            }
        }
    }

    /** A volume that no container uses may have been on its way in or out. */
    private void volumes() throws IOException {
        Set<String> used = new HashSet<>();
        for (String mounts :
                database.sql("select mounts from container").query(String.class).list()) {
            Json.MAPPER.readTree(mounts).forEach(mount -> {
                if (mount.path("Type").asString("").equals("volume")) {
                    used.add(mount.path("Name").asString(""));
                }
            });
        }
        Set<String> rows = new TreeSet<>(
                database.sql("select name from volume").query(String.class).list());
        Path directory = dataRoot.resolve("volumes");
        for (String name : rows) {
            if (Files.isDirectory(directory.resolve(name).resolve("filling"))) {
                leftovers.add("volumes/" + name + "/filling");
            }
            if (!Files.isDirectory(directory.resolve(name).resolve("_data"))) {
                if (used.contains(name)) {
                    differences.add("volume " + name + ": its directory is missing");
                } else {
                    leftovers.add("volume " + name);
                }
            }
        }
        for (String name : names(directory)) {
            if (!rows.contains(name)
                    && Files.isDirectory(directory.resolve(name).resolve("_data"))) {
                differences.add("volumes/" + name + ": no volume has this directory; the next start makes one of it");
            }
        }
    }

    private void leftovers(String place) throws IOException {
        names(dataRoot.resolve(place)).forEach(name -> leftovers.add(place + "/" + name));
    }

    private static List<String> names(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
