package dev.capas.container.spec;

import dev.capas.container.MountPoint;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import dev.capas.runtime.ContainerRuntime;
import dev.capas.runtime.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Everything of a container but its root filesystem that must lie on the host before the OCI runtime is called. */
@Component
public class Bundles {
    private final Latest<Spec.Seccomp, String> keys = new Latest<>();
    private final SpecFactory specs;
    private final ContainerRuntime runtime;

    /** With the specifications that this makes, for this runtime. */
    public Bundles(SpecFactory specs, ContainerRuntime runtime) {
        this.specs = specs;
        this.runtime = runtime;
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
        Spec asked = specs.create(request.with(OwnBinds.mount(request)));
        EtcFiles.write(request);
        SharedMemory.mount(request);
        Spec spec = RuncRules.apply(asked, request.root());
        Path bundle = Files.createDirectories(request.directory().resolve("bundle"));
        @Nullable
        String profile =
                spec.linux().seccomp() == null ? null : keys.get(spec.linux().seccomp(), Bundles::key);
        Spec complete = Optional.ofNullable(profile)
                .flatMap(runtime::compiledFilter)
                .map(spec::withCompiledFilter)
                .orElse(spec);
        Files.write(bundle.resolve("config.json"), Json.MAPPER.writeValueAsBytes(complete));
        return profile;
    }

    private static String key(Spec.Seccomp section) {
        return Digest.ofContent(Json.MAPPER.writeValueAsBytes(section)).hex();
    }

    /** Unmounts what {@link #prepare} mounted, after the container has ended. */
    public void release(Path directory) throws IOException {
        SharedMemory.unmount(directory);
        OwnBinds.unmount(directory);
    }
}
