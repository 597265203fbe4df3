package dev.capas.container;

import dev.capas.linux.Directory;
import dev.capas.linux.TreeUsage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.springframework.stereotype.Service;

/** What goes with containers. */
@Service
public class ContainerWeights {
    private static final int BLOCK = 512;
    private static final byte[] UPPER = Directory.name("upper");

    /**
     * What goes with a container.
     *
     * @param size the apparent bytes that it has written, SizeRw
     * @param diskUsage what the file system gave to all that lies in its directory, its log too, in bytes
     */
    public record Weight(long size, long diskUsage) {}

    /** Of a container that does not run: its read-write layer is known and not walked, the few files beside it are looked at. */
    public Weight of(Container container) throws IOException {
        TreeUsage written = container.readWriteLayer().usage();
        return new Weight(written.apparent(), written.allocated() + beside(container));
    }

    private static long beside(Container container) throws IOException {
        try (Directory directory = Directory.open(container.directory())) {
            long allocated = directory.stat().blocks() * BLOCK;
            for (Directory.Entry entry : directory.list()) {
                if (!Arrays.equals(entry.name(), UPPER)) {
                    allocated += directory.stat(entry.name()).isDirectory()
                            ? TreeUsage.of(container.directory().resolve(text(entry)))
                                    .allocated()
                            : directory.stat(entry.name()).blocks() * BLOCK;
                }
            }
            return allocated;
        }
    }

    /** All names there are the engine's own. */
    private static String text(Directory.Entry entry) {
        return new String(entry.name(), StandardCharsets.UTF_8);
    }
}
