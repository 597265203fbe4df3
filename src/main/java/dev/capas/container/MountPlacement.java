package dev.capas.container;

import dev.capas.container.spec.MountPoints;
import dev.capas.errdefs.EngineException;
import dev.capas.image.Image;
import dev.capas.image.Images;
import dev.capas.volume.Volume;
import dev.capas.volume.VolumeRequest;
import dev.capas.volume.Volumes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/** Gives a new container its mount points, and each of them its place: volumes are made where they are new, images looked up. */
@Component
class MountPlacement {
    private final Containers containers;
    private final Images images;
    private final Volumes volumes;

    MountPlacement(Containers containers, Images images, Volumes volumes) {
        this.containers = containers;
        this.images = images;
        this.volumes = volumes;
    }

    /**
     * All of them, in the order of their destinations. Its volumes are held for the container until {@link #end}.
     *
     * @param id the container
     * @param directory where it lies
     * @throws EngineException for what cannot be mounted; no anonymous volume is left then
     */
    List<MountPoint> place(String id, Path directory, ContainerConfig config, HostConfig host) {
        List<MountPoint> points = points(config, host);
        List<MountPoint> placed = new ArrayList<>();
        boolean complete = false;
        try {
            for (MountPoint point : points) {
                placed.add(place(id, directory, placed.size(), point));
            }
            complete = true;
        } finally {
            if (!complete) {
                giveUp(id, placed);
            }
        }
        placed.sort(Comparator.comparing(MountPoint::destination));
        return placed;
    }

    /** The container is known now, so that its volumes need not be held any more. */
    void end(String id, List<MountPoint> mounts) {
        if (mounts.stream().anyMatch(MountPoint::isVolume)) {
            volumes.endHold(id);
        }
    }

    /** There will be no such container. */
    void giveUp(String id, List<MountPoint> mounts) {
        end(id, mounts);
        removeAnonymous(mounts);
    }

    /** Removes the volumes that nobody named and that no container has any more. */
    void removeAnonymous(List<MountPoint> mounts) {
        volumes.removeUnused(mounts.stream()
                .filter(point -> point.isVolume() && point.anonymous())
                .flatMap(point -> Optional.ofNullable(point.name()).stream())
                .toList());
    }

    private MountPoint place(String id, Path directory, int number, MountPoint point) {
        if (point.isImage() && point.layers() == null) {
            Image image = images.resolve(String.valueOf(point.name()));
            return point.placed(ContainerMounts.image(directory, number).toString(), image.diffIds());
        }
        if (point.isImage()) {
            return point.from(ContainerMounts.image(directory, number).toString());
        }
        if (!point.isVolume()) {
            return point;
        }
        Mount.VolumeOptions options = point.volumeOptions();
        Mount.Driver driver = options == null ? null : options.driverConfig();
        Volume volume = volumes.createFor(
                id,
                new VolumeRequest(
                        point.name(),
                        point.driver(),
                        driver == null ? null : driver.options(),
                        options == null ? null : options.labels()));
        return point.placed(volume.name(), volume.mountpoint().toString(), Volume.DRIVER);
    }

    private List<MountPoint> points(ContainerConfig config, HostConfig host) {
        List<MountPoint> points = new ArrayList<>(MountPoints.of(host));
        Set<String> taken = new TreeSet<>();
        points.forEach(point -> taken.add(point.destination()));
        inherited(host).forEach((destination, point) -> {
            if (taken.add(destination)) {
                points.add(point);
            }
        });
        if (host.tmpfs() != null) {
            taken.addAll(host.tmpfs().keySet());
        }
        for (String path :
                config.volumes() == null ? Set.<String>of() : config.volumes().keySet()) {
            String destination = Path.of("/", path).normalize().toString();
            if (destination.equals("/")) {
                throw EngineException.invalidParameter("invalid specification: destination can't be '/'");
            }
            if (taken.add(destination)) {
                points.add(MountPoint.anonymousVolume(destination, host.volumeDriver()));
            }
        }
        return points;
    }

    /** By destination; of two containers that have the same one, the later counts. */
    private Map<String, MountPoint> inherited(HostConfig host) {
        Map<String, MountPoint> found = new TreeMap<>();
        for (String spec : host.volumesFrom() == null ? List.<String>of() : host.volumesFrom()) {
            if (spec.isEmpty()) {
                throw EngineException.invalidParameter("volumes-from specification cannot be an empty string");
            }
            String[] parts = spec.split(":", 2);
            Set<String> mode = parts.length < 2 ? Set.of() : Set.of(parts[1].split(","));
            if (!Set.of("", "ro", "rw", "z", "Z").containsAll(mode)) {
                throw EngineException.invalidParameter("invalid mode: " + parts[1]);
            }
            Container other = containers
                    .find(parts[0])
                    .orElseThrow(() -> EngineException.invalidParameter("No such container: " + parts[0]));
            other.mounts().stream()
                    .filter(point -> !point.type().equals("tmpfs"))
                    .forEach(point -> found.put(point.destination(), point.inherited(mode.contains("ro"))));
        }
        return found;
    }
}
