package dev.capas.container.spec;

import dev.capas.container.MountPoint;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import dev.capas.runtime.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Everything of a container but its root filesystem that must lie on the host before the OCI runtime is called. */
@Component
public class Bundles {
    private final SpecFactory specs;

    /** With the specifications that this makes. */
    public Bundles(SpecFactory specs) {
        this.specs = specs;
    }

    /**
     * Writes {@code bundle/config.json} and the files of {@code /etc}, mounts what it shares, and makes the sources of bind mounts
     * that may be missing.
     *
     * @return a key that is equal for equal seccomp sections, null where there is none
     * @throws dev.capas.errdefs.EngineException for what the container or the host does not have, in Docker's words
     */
    public @Nullable String prepare(SpecRequest request) throws IOException {
        for (MountPoint point : request.mounts()) {
            if (point.createSource() && !Files.exists(Path.of(point.source()))) {
                Files.createDirectories(Path.of(point.source()));
            }
        }
        Spec spec = specs.create(request);
        EtcFiles.write(request);
        SharedMemory.mount(request);
        Path bundle = Files.createDirectories(request.directory().resolve("bundle"));
        Files.writeString(bundle.resolve("config.json"), Json.MAPPER.writeValueAsString(spec));
        return spec.linux().seccomp() == null
                ? null
                : Digest.ofContent(Json.MAPPER.writeValueAsBytes(spec.linux().seccomp()))
                        .hex();
    }

    /** Unmounts what {@link #prepare} mounted, after the container has ended. */
    public void release(Path directory) throws IOException {
        SharedMemory.unmount(directory);
    }
}
