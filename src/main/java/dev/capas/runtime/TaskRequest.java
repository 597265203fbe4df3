package dev.capas.runtime;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What it takes to bring a container's init into being.
 *
 * @param id the container's 64 hexadecimal digits
 * @param directory {@code containers/<id>}: conmon's working directory; the bundle is {@code bundle} in it, with {@code config.json} written
 * @param logPath the k8s-file log that conmon writes, or null for none
 * @param terminal {@code Config.Tty}
 * @param openStdin {@code Config.OpenStdin}
 * @param stdinOnce {@code Config.StdinOnce}
 * @param runtime the name of the OCI runtime, for example {@code runc} or {@code crun}; null for the default one
 * @param seccompProfile a key that is equal for equal seccomp sections of the spec, or null where it has none
 * @param hub the container's streams
 * @param inherited descriptors that conmon keeps open for as long as the container lives (reserved ports)
 */
public record TaskRequest(
        String id,
        Path directory,
        @Nullable Path logPath,
        boolean terminal,
        boolean openStdin,
        boolean stdinOnce,
        @Nullable String runtime,
        @Nullable String seccompProfile,
        StreamHub hub,
        java.util.List<Integer> inherited) {}
