package dev.capas.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * {@code capas fsck}: reads everything again and reports what differs from what the database says. It takes the options of the daemon
 * that say where everything lies; while a daemon runs there it is refused.
 */
@Command(name = "fsck", description = "Compute every size, digest and reference again; exit 1 where something differs.")
final class FsckCommand implements Callable<Integer> {
    @Unmatched
    private final List<String> options = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        DaemonSettings settings = DaemonCommand.parse(options).settings();
        Path dataRoot = settings.home().dataRoot();
        if (!Files.isDirectory(dataRoot)) {
            throw new IllegalStateException("there is no data root " + dataRoot);
        }
        try (DataRootLock lock = DataRootLock.take(dataRoot);
                SingleConnectionDataSource database = database(settings)) {
            StoreCheck.Findings findings = StoreCheck.check(JdbcClient.create(database), dataRoot);
            findings.differences().forEach(System.out::println);
            findings.leftovers().forEach(left -> System.out.println(left + ": left over, the next start removes it"));
            int count = findings.differences().size();
            System.out.println(
                    count == 0
                            ? "everything is as it should be"
                            : count + (count == 1 ? " difference" : " differences"));
            return count == 0 ? 0 : 1;
        }
    }

    private static SingleConnectionDataSource database(DaemonSettings settings) {
        DaemonSettings.Database database = MetadataDatabase.addressOf(settings);
        return new SingleConnectionDataSource(
                settings.database() == null ? database.url() + ";IFEXISTS=TRUE;ACCESS_MODE_DATA=r" : database.url(),
                database.user(),
                database.password(),
                true);
    }
}
