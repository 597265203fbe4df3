package dev.capas.container;

import dev.capas.event.EventBus;
import dev.capas.layer.LayerStore;
import dev.capas.layer.ReadWriteLayer;
import dev.capas.linux.Mounts;
import dev.capas.volume.Volume;
import dev.capas.volume.VolumeMounts;
import dev.capas.volume.VolumeSizes;
import dev.capas.volume.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * What of a container's mounts the engine itself has to mount before the OCI runtime can bind it: volumes with options, and images. Tells
 * of every volume that is mounted and unmounted, as dockerd does.
 */
@Component
class ContainerMounts {
    private final Volumes volumes;
    private final VolumeMounts mounts;
    private final VolumeSizes sizes;
    private final LayerStore layers;
    private final EventBus events;

    ContainerMounts(Volumes volumes, VolumeMounts mounts, VolumeSizes sizes, LayerStore layers, EventBus events) {
        this.volumes = volumes;
        this.sizes = sizes;
        this.mounts = mounts;
        this.layers = layers;
        this.events = events;
    }

    /** Where an image is mounted for a container, which may have several. */
    static Path image(Path directory, int number) {
        return directory.resolve("images").resolve(Integer.toString(number));
    }

    /**
     * Mounts it all for a run.
     *
     * @throws dev.capas.errdefs.EngineException in dockerd's words; {@link #unmount} is to be called all the same
     */
    void mount(Container container) throws IOException {
        mountVolumes(container, container.id());
        for (MountPoint point : container.mounts()) {
            if (point.layers() != null) {
                layers.mountReadOnly(point.layers(), Files.createDirectories(Path.of(point.source())));
            }
        }
    }

    private void mountVolumes(Container container, Object user) {
        for (String name : container.volumes()) {
            mounts.mount(volumes.get(name), user);
        }
    }

    /** Tells that its volumes are mounted now. */
    void tellMounted(Container container) {
        for (MountPoint point : seen(container)) {
            events.publish(
                    "volume",
                    "mount",
                    String.valueOf(point.name()),
                    Map.of(
                            "driver", Volume.DRIVER,
                            "container", container.id(),
                            "destination", point.destination(),
                            "read/write", Boolean.toString(point.rw()),
                            "propagation", point.propagation()));
        }
    }

    /** Its volumes but for those that a tmpfs covers. */
    private static List<MountPoint> seen(Container container) {
        Map<String, String> tmpfs = container.hostConfig().tmpfs();
        return container.mounts().stream()
                .filter(MountPoint::isVolume)
                .filter(point -> tmpfs == null || !tmpfs.containsKey(point.destination()))
                .toList();
    }

    /** Unmounts what a run had; does nothing where that is done. */
    void unmount(Container container) throws IOException {
        unmountVolumes(container, container.id());
        for (MountPoint point : container.mounts()) {
            if (point.isImage()) {
                Mounts.detach(Path.of(point.source()));
            }
        }
    }

    /** Tells that its volumes are not mounted any more; what they weigh now is measured in the background. */
    void tellUnmounted(Container container) {
        sizes.changed(container.volumes());
        for (MountPoint point : seen(container)) {
            events.publish(
                    "volume",
                    "unmount",
                    String.valueOf(point.name()),
                    Map.of("driver", Volume.DRIVER, "container", container.id()));
        }
    }

    private void unmountVolumes(Container container, Object user) {
        for (String name : container.volumes()) {
            volumes.find(name).ifPresent(volume -> mounts.unmount(volume, user));
        }
    }

    /** Keeps the volumes of a container that does not run mounted for a while, as a copy needs them. */
    ReadWriteLayer.Use use(Container container) throws IOException {
        if (container.volumes().isEmpty()) {
            return () -> {};
        }
        Object user = new Object();
        ReadWriteLayer.Use use = () -> {
            unmountVolumes(container, user);
            tellUnmounted(container);
        };
        boolean mounted = false;
        try {
            mountVolumes(container, user);
            tellMounted(container);
            mounted = true;
            return use;
        } finally {
            if (!mounted) {
                use.close();
            }
        }
    }

    /** After a start of the daemon: keeps what those that run have mounted, and unmounts the rest. */
    void recover(List<Container> all) throws IOException {
        Map<String, Set<String>> users = new HashMap<>();
        for (Container container : all) {
            if (container.task().isPresent()) {
                container
                        .volumes()
                        .forEach(volume -> users.computeIfAbsent(volume, name -> new HashSet<>())
                                .add(container.id()));
            }
        }
        mounts.recover(users);
    }
}
