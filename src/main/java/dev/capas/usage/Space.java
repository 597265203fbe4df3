package dev.capas.usage;

import dev.capas.home.EngineHome;
import dev.capas.linux.Directory;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import dev.capas.linux.TreeUsage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.springframework.stereotype.Service;

/**
 * Where every byte below the data root belongs: together the parts are what {@code du -sx} finds there, to the block, as long as nothing
 * writes meanwhile.
 *
 * <p>The trees of layers are not walked: what they weigh is known, and never changes once they are on the disk. Of a layer only the journal
 * is looked at. Walked is all the rest, since nobody tells when it changes: read-write layers (the kernel allocates some blocks only after
 * their container has stopped), the containers' logs and other files, volumes, init layers, the database, staging and trash. What is mounted
 * below, such as the root of a running container or a volume of type tmpfs, lies elsewhere and is left out.
 */
@Service
public class Space {
    private final Path dataRoot;
    private final LayerFigures layers;
    /** Walks would hold up other requests on a virtual thread. */
    private final Executor walker =
            task -> Thread.ofPlatform().daemon().name("space").start(task);

    Space(EngineHome home, LayerFigures layers) {
        this.dataRoot = home.dataRoot();
        this.layers = layers;
    }

    /** What a byte is for. */
    public enum Kind {
        LAYERS("Layers"),
        JOURNALS("Journals"),
        SAVED("Saved payloads"),
        INIT_LAYERS("Init layers"),
        READ_WRITE_LAYERS("Read-write layers"),
        CONTAINER_LOGS("Container logs"),
        CONTAINER_FILES("Container files"),
        VOLUMES("Volumes"),
        DATABASE("Database"),
        STAGING("Staging"),
        TRASH("Trash"),
        OTHER("Other");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        /** As people read it. */
        public String title() {
            return title;
        }
    }

    /**
     * What all of one kind weighs, in bytes.
     *
     * @param count how many there are: layers, containers, volumes, files
     * @param size the lengths of what is no directory
     * @param diskUsage what the file system gave it, directories too
     */
    public record Part(Kind kind, long count, long size, long diskUsage) {}

    /** One part for each kind, in the order of the kinds. */
    public List<Part> parts() throws IOException {
        try {
            Account account =
                    CompletableFuture.supplyAsync(this::account, walker).join();
            return Arrays.stream(Kind.values()).map(account::part).toList();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException io) {
                throw io.getCause();
            }
            throw e;
        }
    }

    private Account account() {
        Account account = new Account();
        try (Directory root = Directory.open(dataRoot)) {
            Place.each(root, place -> {
                switch (place.name()) {
                    case "layers" -> layers.count(place, account);
                    case "containers" -> containers(place, account);
                    case "init" -> initLayers(place, account);
                    case "volumes" -> account.add(Kind.VOLUMES, place.count(), place.usage());
                    case "db" -> account.add(Kind.DATABASE, place.count(), place.usage());
                    case "staging" -> account.add(Kind.STAGING, place.count(), place.usage());
                    case "trash" -> account.add(Kind.TRASH, place.count(), place.usage());
                    default -> account.add(Kind.OTHER, 1, place.usage());
                }
            });
            account.add(Kind.OTHER, 0, new TreeUsage(0, root.stat().blocks() * Stat.BLOCK));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return account;
    }

    private static void initLayers(Place init, Account account) throws LinuxException {
        account.add(Kind.INIT_LAYERS, 0, init.usage());
        init.each(boot -> account.add(Kind.INIT_LAYERS, boot.count(), TreeUsage.NONE));
    }

    private static void containers(Place containers, Account account) throws LinuxException {
        account.add(Kind.CONTAINER_FILES, 0, containers.own());
        containers.each(container -> {
            account.add(Kind.CONTAINER_FILES, 1, container.own());
            container.each(place -> {
                String name = place.name();
                if (name.equals("upper")) {
                    account.add(Kind.READ_WRITE_LAYERS, 1, place.usage());
                } else if (name.equals("log") || name.startsWith("log.")) {
                    account.add(Kind.CONTAINER_LOGS, 1, place.usage());
                } else {
                    account.add(Kind.CONTAINER_FILES, 0, place.usage());
                }
            });
        });
    }

    /** Sums by kind. */
    static final class Account {
        private final long[] counts = new long[Kind.values().length];
        private final TreeUsage[] usages = new TreeUsage[Kind.values().length];

        Account() {
            Arrays.fill(usages, TreeUsage.NONE);
        }

        void add(Kind kind, long count, TreeUsage usage) {
            counts[kind.ordinal()] += count;
            usages[kind.ordinal()] = usages[kind.ordinal()].plus(usage);
        }

        Part part(Kind kind) {
            TreeUsage usage = usages[kind.ordinal()];
            return new Part(kind, counts[kind.ordinal()], usage.apparent(), usage.allocated());
        }
    }
}
