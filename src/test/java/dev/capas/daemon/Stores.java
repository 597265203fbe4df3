package dev.capas.daemon;

import dev.capas.e2e.Command;
import dev.capas.e2e.PostgresServer;
import dev.capas.home.EngineHome;
import dev.capas.layer.LayerStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The engine's own layer and image stores in a directory of their own, without its API. Closing them removes the directory. */
public final class Stores implements AutoCloseable {
    /** What keeps the rows. */
    public enum Database {
        H2,
        POSTGRESQL
    }

    private final Path directory;
    private final @Nullable PostgresServer server;
    private final DaemonSettings settings;
    private final Statements statements = new Statements();
    private ConfigurableApplicationContext context;

    private Stores(Path directory, @Nullable PostgresServer server, DaemonSettings settings) {
        this.directory = directory;
        this.server = server;
        this.settings = settings;
        this.context = run();
    }

    /** Opens empty ones. */
    public static Stores open(Database database) throws IOException {
        Path directory = Files.createTempDirectory("stores");
        List<String> options =
                new ArrayList<>(List.of("--data-root", directory.resolve("data").toString()));
        options.addAll(List.of("--exec-root", directory.resolve("exec").toString(), "--log-level", "warn"));
        PostgresServer server = null;
        if (database == Database.POSTGRESQL) {
            server = PostgresServer.start();
            options.addAll(
                    List.of("--database-url", server.newDatabase("stores"), "--database-user", PostgresServer.USER));
        }
        return new Stores(directory, server, DaemonCommand.parse(options).settings());
    }

    private ConfigurableApplicationContext run() {
        SpringApplication application = Engine.application(settings, new MetadataDatabase(settings));
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setLazyInitialization(true);
        application.addInitializers(fresh -> fresh.getBeanFactory().addBeanPostProcessor(statements));
        return application.run();
    }

    /** How many statements of SQL it takes. */
    public int statements(Runnable work) {
        int before = statements.count();
        work.run();
        return statements.count() - before;
    }

    /** A part of the engine. */
    public <T> T get(Class<T> type) {
        return context.getBean(type);
    }

    public LayerStore layers() {
        return get(LayerStore.class);
    }

    public JdbcClient rows() {
        return get(JdbcClient.class);
    }

    /** How many layers are not known to be on the disk. */
    public long unsynced() {
        return rows().sql("select count(*) from layer where not synced")
                .query(Long.class)
                .single();
    }

    public EngineHome home() {
        return settings.home();
    }

    /** Ends the run and begins the next one on what it left. */
    public void restart() {
        context.close();
        context = run();
    }

    /** Ends the run, does something, and begins the next one. */
    public void restartAfter(Runnable meanwhile) {
        context.close();
        meanwhile.run();
        context = run();
    }

    /** The names in a directory of the data root. */
    public Set<String> names(String place) throws IOException {
        Path path = home().dataRoot().resolve(place);
        if (!Files.isDirectory(path)) {
            return Set.of();
        }
        try (Stream<Path> entries = Files.list(path)) {
            Set<String> names = new TreeSet<>();
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
            return names;
        }
    }

    /**
     * What does not fit together while nothing is under way: rows without directories and directories without rows, rows that refer
     * to what is not there, layers that nothing holds, and what was not finished.
     */
    public List<String> faults() throws IOException, InterruptedException {
        List<String> faults = new ArrayList<>();
        Set<String> rows = new TreeSet<>(strings("select diff_id from layer"));
        Set<String> directories = names("layers/sha256");
        if (!rows.equals(directories)) {
            faults.add("rows " + rows + ", directories " + directories);
        }
        for (String reference : List.of("image_layer", "container_layer", "lease_layer")) {
            strings("select layer from " + reference + " where layer not in (select diff_id from layer)")
                    .forEach(orphan -> faults.add(reference + " refers to " + orphan));
        }
        strings("select diff_id from layer where diff_id not in (select layer from image_layer)"
                        + " and diff_id not in (select layer from container_layer)"
                        + " and diff_id not in (select layer from lease_layer)")
                .forEach(unheld -> faults.add("nothing holds " + unheld));
        for (int wait = 0; wait < 1000 && !names("trash").isEmpty(); wait++) {
            Thread.sleep(10);
        }
        for (String place : List.of("staging", "tmp", "trash")) {
            names(place).forEach(name -> faults.add("left in " + place + ": " + name));
        }
        return faults;
    }

    private List<String> strings(String sql) {
        return rows().sql(sql).query(String.class).list();
    }

    @Override
    public void close() {
        context.close();
        if (server != null) {
            server.close();
        }
        Command.run("rm", "-rf", directory.toString());
    }
}
