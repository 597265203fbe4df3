package dev.capas.container.spec;

import dev.capas.container.Container;
import dev.capas.container.ContainerConfig;
import dev.capas.container.HostConfig;
import dev.capas.container.MountPoint;
import java.nio.file.Path;
import java.util.List;

/**
 * A container that is about to start.
 *
 * @param id its 64 hexadecimal digits
 * @param config with what its image says merged in; its hostname is set
 * @param hostConfig with its defaults filled in
 * @param mounts its bind mounts, volumes and {@code Mounts} of type tmpfs
 * @param root where its root filesystem is mounted
 * @param directory {@code containers/<id>}, where its files lie
 * @param joined whose namespaces it joins
 * @param connectivity what it is told of its networks
 */
public record SpecRequest(
        String id,
        ContainerConfig config,
        HostConfig hostConfig,
        List<MountPoint> mounts,
        Path root,
        Path directory,
        Joined joined,
        Connectivity connectivity) {
    /** A container as it is now. */
    public static SpecRequest of(Container container, Joined joined, Connectivity connectivity) {
        return new SpecRequest(
                container.id(),
                container.config(),
                container.hostConfig(),
                container.mounts(),
                container.readWriteLayer().mountPoint(),
                container.directory(),
                joined,
                connectivity);
    }

    /** The same with other mounts. */
    SpecRequest with(List<MountPoint> others) {
        return new SpecRequest(id, config, hostConfig, others, root, directory, joined, connectivity);
    }

    /** Its own, or that of the container whose network it joins. */
    String hostname() {
        return joined.network() == null ? config.hostname() : joined.network().hostname();
    }

    NamespaceModes modes() {
        return NamespaceModes.of(hostConfig, joined, connectivity.namespace());
    }
}
