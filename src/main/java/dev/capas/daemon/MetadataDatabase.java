package dev.capas.daemon;

import com.zaxxer.hikari.HikariDataSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/** The database of the metadata. To open it and to bring its tables up to date can begin while Spring does, which then finds it ready. */
final class MetadataDatabase {
    private final DaemonSettings settings;
    private @Nullable CompletableFuture<HikariDataSource> opened;

    MetadataDatabase(DaemonSettings settings) {
        this.settings = settings;
    }

    /** Where it is, and as who it is asked: the one that was named, or the embedded one under the data root. */
    static DaemonSettings.Database addressOf(DaemonSettings settings) {
        if (settings.database() != null) {
            return settings.database();
        }
        DatabaseFile.register();
        // without WRITE_DELAY=0 a SIGKILL takes the commits of the last half second with it
        return new DaemonSettings.Database(
                "jdbc:h2:" + DatabaseFile.SCHEME + ":"
                        + settings.home().dataRoot().resolve("db/capas")
                        + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0",
                "capas",
                "");
    }

    /** Begins to open it, in a thread of its own. */
    synchronized void begin() {
        if (opened == null) {
            CompletableFuture<HikariDataSource> opening = new CompletableFuture<>();
            opened = opening;
            Thread.ofPlatform().daemon().name("database").start(() -> opening.completeAsync(this::open, Runnable::run));
        }
    }

    /**
     * The database with its tables, as soon as that is open.
     *
     * @throws RuntimeException if it cannot be opened
     */
    HikariDataSource await() {
        begin();
        try {
            return opened.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private HikariDataSource open() {
        DaemonSettings.Database address = addressOf(settings);
        HikariDataSource source = new HikariDataSource();
        try {
            source.setJdbcUrl(address.url());
            source.setUsername(address.user());
            source.setPassword(address.password());
            Flyway.configure().dataSource(source).load().migrate();
            return source;
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }
}
