package dev.capas.daemon;

import dev.capas.image.ImageStacks;
import dev.capas.linux.Processes;
import dev.capas.linux.TreeUsage;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Fills an empty data root with many images and stopped containers, straight into the database and with directories that have next to
 * nothing in them, so that an engine can be started on it and measured. The same numbers give the same images, whose layers they share as
 * built images do: 5 of a distribution, 8 of a framework, 4 of an application and 3 of a version. The layers say that they are large, but
 * nothing can be run on them.
 */
final class Fill {
    private static final int DISTRIBUTIONS = 20;
    private static final int FRAMEWORKS = 200;
    private static final int VERSIONS = 10;
    private static final Instant FIRST = Instant.parse("2025-01-01T00:00:00Z");

    private final JdbcTemplate jdbc;
    private final Path root;
    private final Random random = new Random(1);
    private final List<Object[]> layers = new ArrayList<>();
    private final String bootId;

    private Fill(JdbcTemplate jdbc, Path root) throws IOException {
        this.bootId = Processes.bootId();
        this.jdbc = jdbc;
        this.root = root;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 1) {
            System.err.println("usage: bench/fill DATA-ROOT [IMAGES [CONTAINERS]]");
            System.exit(2);
        }
        Path root = Path.of(arguments[0]).toAbsolutePath();
        int images = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
        int containers = arguments.length > 2 ? Integer.parseInt(arguments[2]) : images;
        if (Files.exists(root.resolve("db"))) {
            System.err.println(root + " is the data root of an engine already");
            System.exit(1);
        }
        Files.createDirectories(root.resolve("db"));
        DaemonSettings.Database address = MetadataDatabase.addressOf(
                DaemonCommand.parse(List.of("--data-root", root.toString())).settings());
        try (SingleConnectionDataSource database =
                new SingleConnectionDataSource(address.url(), address.user(), address.password(), true)) {
            Flyway.configure().dataSource(database).load().migrate();
            JdbcTemplate jdbc = new JdbcTemplate(database);
            database.setAutoCommit(false);
            new Fill(jdbc, root).all(images, containers);
            jdbc.execute("shutdown compact");
        }
    }

    private void all(int images, int containers) throws IOException {
        List<List<String>> distributions = stacks(DISTRIBUTIONS, 5, List.of());
        List<List<String>> frameworks = stacks(FRAMEWORKS, 8, distributions);
        List<List<String>> applications = stacks(Math.max(1, images / VERSIONS), 4, frameworks);
        List<List<String>> versions = stacks(images, 3, applications);
        insert("layer (diff_id, size, disk_usage, tar_size, files, created, boot_id, synced)", layers);

        List<Object[]> rows = new ArrayList<>();
        List<Object[]> summaries = new ArrayList<>();
        List<Object[]> stacked = new ArrayList<>();
        List<Object[]> stackRows = new ArrayList<>();
        List<Object[]> stepRows = new ArrayList<>();
        List<Object[]> uses = new ArrayList<>();
        List<Object[]> names = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        Map<String, Long> sizes =
                layers.stream().collect(Collectors.toMap(layer -> (String) layer[0], layer -> (Long) layer[1]));
        for (int i = 0; i < images; i++) {
            List<String> stack = versions.get(i);
            int application = i % applications.size();
            Instant created = FIRST.plus(Duration.ofMinutes(i));
            String labels = labels(application, i);
            byte[] config = config(stack, created, labels).getBytes(StandardCharsets.UTF_8);
            String id = Digest.ofContent(config).hex();
            ids.add(id);
            rows.add(new Object[] {id, config, Timestamp.from(created)});
            stackRows.add(new Object[] {
                id, ImageStacks.bytes(stack.stream().map(Digest::new).toList())
            });
            stepRows.add(new Object[] {
                id,
                IntStream.range(0, stack.size())
                        .mapToObj(step -> "\"RUN step " + step + "\"")
                        .collect(Collectors.joining(",", "[", "]"))
                        .getBytes(StandardCharsets.UTF_8)
            });
            uses.add(new Object[] {id});
            summaries.add(new Object[] {
                id,
                Timestamp.from(created),
                created.getEpochSecond(),
                0,
                labels.getBytes(StandardCharsets.UTF_8),
                stack.stream().mapToLong(sizes::get).sum()
            });
            String name = "registry.example:5000/team-" + application % 40 + "/application-" + application;
            names.add(new Object[] {name + ":1." + i / applications.size() + "." + i, id});
            names.add(new Object[] {name + "@sha256:" + hex("manifest " + i), id});
            for (int position = 0; position < stack.size(); position++) {
                stacked.add(new Object[] {id, position, stack.get(position)});
            }
        }
        insert("image (id, config, last_tagged)", rows);
        insert("image_summary (image, last_tagged, created, nanos, labels, size)", summaries);
        insert("image_reference (name, image)", names);
        insert("image_layer (image, position, layer)", stacked);
        insert("image_stack (image, layers)", stackRows);
        insert("image_steps (image, steps)", stepRows);
        insert("image_use (image)", uses);
        containers(containers, ids, versions, names);
    }

    /** Stacks with so many new layers each on top of one of those below. */
    private List<List<String>> stacks(int count, int height, List<List<String>> below) throws IOException {
        List<List<String>> stacks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            List<String> stack = new ArrayList<>(below.isEmpty() ? List.of() : below.get(i % below.size()));
            for (int j = 0; j < height; j++) {
                stack.add(layer());
            }
            stacks.add(List.copyOf(stack));
        }
        return stacks;
    }

    private String layer() throws IOException {
        String diffId = hex("layer " + layers.size());
        Path directory = root.resolve("layers/sha256").resolve(diffId);
        Files.createDirectories(directory.resolve("diff"));
        Files.writeString(directory.resolve("journal"), "journal");
        long size = (long) Math.exp(7 + 11 * random.nextDouble());
        layers.add(new Object[] {
            diffId,
            size,
            TreeUsage.of(directory).allocated(),
            size + 10_240,
            1L + size / 20_000,
            Timestamp.from(FIRST),
            bootId,
            true
        });
        return diffId;
    }

    private void containers(int count, List<String> images, List<List<String>> versions, List<Object[]> names)
            throws IOException {
        List<Object[]> rows = new ArrayList<>();
        List<Object[]> readWrite = new ArrayList<>();
        List<Object[]> stacked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int image = random.nextInt(images.size());
            String id = hex("container " + i);
            Path directory = root.resolve("containers").resolve(id);
            for (String name : List.of("upper", "work", "merged", "bundle")) {
                Files.createDirectories(directory.resolve(name));
            }
            Files.writeString(directory.resolve("upper/file"), "x".repeat(random.nextInt(5_000)));
            for (String name : List.of("log", "hosts", "hostname", "resolv.conf", "bundle/config.json")) {
                Files.writeString(directory.resolve(name), name);
            }
            TreeUsage usage = TreeUsage.of(directory.resolve("upper"));
            long created = FIRST.plus(Duration.ofHours(i)).getEpochSecond() * 1_000_000_000L;
            rows.add(new Object[] {
                id,
                "container-" + i,
                created,
                images.get(image),
                """
                {"Hostname":"%s","Env":["PATH=/usr/bin:/bin","MODE=production"],"Cmd":["run","--job","%d"],"Image":"%s",\
                "Volumes":{},"WorkingDir":"/srv","Labels":{"com.example.job":"%d","com.example.queue":"default"}}""".formatted(id.substring(0, 12), i, names.get(2 * image)[0], i),
                """
                {"LogConfig":{"Type":"json-file","Config":{}},"NetworkMode":"bridge","PortBindings":{},\
                "RestartPolicy":{"Name":"no","MaximumRetryCount":0},"ConsoleSize":[0,0],"CgroupnsMode":"host","IpcMode":"private",\
                "ShmSize":67108864,"Runtime":"crun","MaskedPaths":["/proc/asound","/proc/acpi","/proc/interrupts","/proc/kcore",\
                "/proc/keys","/proc/latency_stats","/proc/timer_list","/proc/timer_stats","/proc/sched_debug","/proc/scsi",\
                "/sys/firmware"],"ReadonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"]}""",
                "[]",
                "{\"endpoints\":{\"bridge\":{}},\"macAddresses\":{},\"interfaces\":{},\"published\":[]}",
                "EXITED",
                0,
                "",
                false,
                created,
                created + 1,
                0,
                false
            });
            readWrite.add(new Object[] {id, "containers/" + id, usage.apparent(), usage.allocated()});
            List<String> stack = versions.get(image);
            for (int position = 0; position < stack.size(); position++) {
                stacked.add(new Object[] {id, position, stack.get(position)});
            }
        }
        insert(
                "container (id, name, created, image, config, host_config, mounts, networks, status, exit_code, error, oom_killed,"
                        + " started, finished, restart_count, stopped_by_hand)",
                rows);
        insert("read_write_layer (container, directory, size, disk_usage)", readWrite);
        insert("container_layer (container, position, layer)", stacked);
    }

    private void insert(String table, List<Object[]> rows) {
        long columns = table.chars().filter(c -> c == ',').count() + 1;
        String marks = String.join(", ", java.util.Collections.nCopies((int) columns, "?"));
        jdbc.batchUpdate("insert into " + table + " values (" + marks + ")", rows);
        jdbc.execute("commit");
        System.out.println(rows.size() + " rows: " + table.replaceFirst(" .*", ""));
    }

    private static String labels(int application, int version) {
        return """
                {"org.opencontainers.image.title":"application-%d","org.opencontainers.image.version":"1.%d",\
                "org.opencontainers.image.revision":"%s","org.opencontainers.image.source":"https://example.com/application-%d",\
                "org.opencontainers.image.licenses":"Apache-2.0","com.example.team":"team-%d"}""".formatted(
                application, version, hex("revision " + version).substring(0, 40), application, application % 40);
    }

    private static String config(List<String> stack, Instant created, String labels) {
        String history = stack.stream()
                .map(layer -> """
                        {"created":"%s","created_by":"RUN /bin/sh -c apt-get update && apt-get install -y package-%s # buildkit","comment":"buildkit.dockerfile.v0"},\
                        {"created":"%s","created_by":"ENV STEP=%s","comment":"buildkit.dockerfile.v0","empty_layer":true}""".formatted(created, layer.substring(0, 8), created, layer.substring(0, 8)))
                .collect(Collectors.joining(","));
        return """
                {"architecture":"amd64","os":"linux","created":"%s","config":{"Env":["PATH=/usr/local/bin:/usr/bin:/bin"],\
                "Cmd":["run"],"WorkingDir":"/srv","Labels":%s},"rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}""".formatted(
                        created,
                        labels,
                        stack.stream().map(layer -> "\"sha256:" + layer + "\"").collect(Collectors.joining(",")),
                        history);
    }

    private static String hex(String text) {
        return Digest.ofContent(text.getBytes(StandardCharsets.UTF_8)).hex();
    }
}
