package dev.capas.daemon;

import dev.capas.layer.LayerStore;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * {@code capas fsck}: reads every layer again and compares it with its digest, and rows with directories. It takes the options
 * of the daemon that say where everything lies; while a daemon runs there it is refused.
 */
@Command(name = "fsck", description = "Check every layer and reference; exit 1 where something differs.")
final class FsckCommand implements Callable<Integer> {
    @Unmatched
    private final List<String> options = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        DaemonSettings settings = DaemonCommand.parse(options).settings();
        try (DataRootLock lock = DataRootLock.take(settings.home().dataRoot())) {
            SpringApplication application = new SpringApplication(Engine.class);
            application.setWebApplicationType(WebApplicationType.NONE);
            application.setLazyInitialization(true);
            application.setLogStartupInfo(false);
            application.setDefaultProperties(EngineProperties.of(settings));
            application.addInitializers(
                    context -> context.getBeanFactory().registerSingleton("daemonSettings", settings));
            List<String> faults = new ArrayList<>();
            try (var context = application.run()) {
                check(
                        context.getBean(JdbcClient.class),
                        context.getBean(LayerStore.class),
                        settings.home().dataRoot().resolve("layers/sha256"),
                        faults);
            }
            faults.forEach(System.out::println);
            System.out.println(faults.isEmpty() ? "everything is as it should be" : faults.size() + " differences");
            return faults.isEmpty() ? 0 : 1;
        }
    }

    private static void check(JdbcClient database, LayerStore layers, Path directory, List<String> faults)
            throws IOException {
        Set<String> known = new HashSet<>(
                database.sql("select diff_id from layer").query(String.class).list());
        for (String hex : known) {
            if (!Files.isDirectory(directory.resolve(hex))) {
                faults.add("layer " + hex + ": its directory is missing");
            } else {
                verify(layers, new Digest(hex), faults);
            }
        }
        if (Files.isDirectory(directory)) {
            try (Stream<Path> entries = Files.list(directory)) {
                entries.map(entry -> entry.getFileName().toString())
                        .filter(name -> !known.contains(name))
                        .forEach(name -> faults.add("directory " + name + ": no layer has it"));
            }
        }
        for (String table : List.of("image_layer", "container_layer", "lease_layer")) {
            database.sql("select layer from " + table).query(String.class).list().stream()
                    .filter(layer -> !known.contains(layer))
                    .forEach(layer -> faults.add(table + ": refers to layer " + layer + ", which is not here"));
        }
    }

    private static void verify(LayerStore layers, Digest diffId, List<String> faults) {
        MessageDigest sha256 = Digest.sha256();
        try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), sha256)) {
            layers.writeTar(diffId, out);
        } catch (IOException | RuntimeException e) {
            faults.add("layer " + diffId.hex() + ": cannot be read: " + e.getMessage());
            return;
        }
        Digest actual = Digest.of(sha256.digest());
        if (!actual.equals(diffId)) {
            faults.add("layer " + diffId.hex() + ": its content has the digest " + actual);
        }
    }
}
