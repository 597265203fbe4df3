package dev.capas.container;

import dev.capas.container.spec.Capabilities;
import dev.capas.container.spec.MountPoints;
import dev.capas.container.spec.SecurityOptions;
import dev.capas.errdefs.EngineException;
import dev.capas.image.Image;
import dev.capas.image.Images;
import dev.capas.layer.LayerStore;
import dev.capas.layer.ReadWriteLayer;
import dev.capas.oci.Digest;
import dev.capas.oci.Platform;
import dev.capas.oci.RunConfig;
import dev.capas.runtime.ContainerRuntime;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Creates containers. */
@Service
public class Creation {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
    private static final String JOINED = "container:";
    private static final Digest NO_IMAGE = Digest.ofContent(new byte[0]);

    private final Containers containers;
    private final ContainerStore store;
    private final ContainerEvents events;
    private final HostDefaults defaults;
    private final Images images;
    private final LayerStore layers;
    private final VolumeDirectories volumes;
    private final ContainerRuntime runtime;
    private final RootPreparation preparation;
    private final Removal removal;
    private final TransactionTemplate transaction;

    Creation(
            Containers containers,
            ContainerStore store,
            ContainerEvents events,
            HostDefaults defaults,
            Images images,
            LayerStore layers,
            VolumeDirectories volumes,
            ContainerRuntime runtime,
            RootPreparation preparation,
            Removal removal,
            TransactionTemplate transaction) {
        this.containers = containers;
        this.store = store;
        this.events = events;
        this.defaults = defaults;
        this.images = images;
        this.layers = layers;
        this.volumes = volumes;
        this.runtime = runtime;
        this.preparation = preparation;
        this.removal = removal;
        this.transaction = transaction;
    }

    /** The new container, and what of its request is accepted and has no effect. */
    public record Created(Container container, List<String> warnings) {}

    /**
     * Creates a container.
     *
     * @throws EngineException if the request cannot be right (400), its image is not here (404), or its name is in use (409)
     */
    public Created create(CreateRequest request) {
        runtime.expectStart();
        HostConfig given = request.hostConfig() == null ? HostDefaults.nothing() : request.hostConfig();
        ConfigRules.check(request.config());
        List<String> warnings = HostConfigRules.check(given, request.config());
        Capabilities.of(given.capAdd(), given.capDrop(), given.privileged());
        SecurityOptions.of(given.securityOpt());
        LogDriver.check(given.logConfig());
        checkRuntime(given);
        checkJoined(given);
        Image image = image(request);
        if (image != null && request.platform() == null) {
            warnings.addAll(foreign(image));
        }
        String id = Ids.random();
        HostConfig host = joiningById(defaults.apply(given));
        ContainerConfig config = ConfigRules.merge(request.config(), runConfig(image), hostname(id, host));
        String name = reserve(request.name(), id);
        try {
            return new Created(make(id, name, image, config, host), warnings);
        } catch (IOException e) {
            containers.release(name, id);
            throw EngineException.system("cannot create container: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            containers.release(name, id);
            throw e;
        }
    }

    private void checkRuntime(HostConfig host) {
        if (!host.runtime().isEmpty() && !runtime.knows(host.runtime())) {
            throw EngineException.invalidParameter("unknown or invalid runtime name: " + host.runtime());
        }
    }

    private void checkJoined(HostConfig host) {
        for (String mode : List.of(host.ipcMode(), host.pidMode())) {
            String name = mode.startsWith(JOINED) ? mode.substring(JOINED.length()) : "";
            if (!name.isEmpty() && containers.find(name).isEmpty()) {
                throw EngineException.invalidParameter("No such container: " + name);
            }
        }
        for (String link : host.links() == null ? List.<String>of() : host.links()) {
            String[] parts = link.split(":", -1);
            if (parts.length > 2) {
                throw EngineException.system("bad format for links: " + link, null);
            }
            if (containers.find(parts[0]).isEmpty()) {
                throw EngineException.invalidParameter(
                        "could not get container for " + parts[0] + ": No such container: " + parts[0]);
            }
        }
    }

    /** With the IDs of the containers whose namespaces it joins, so that they may be renamed. */
    private HostConfig joiningById(HostConfig host) {
        return host.with(fields -> {
            fields.put("NetworkMode", byId(host.networkMode()));
            fields.put("PidMode", byId(host.pidMode()));
            fields.put("IpcMode", byId(host.ipcMode()));
        });
    }

    private String byId(String mode) {
        return mode.startsWith(JOINED) && mode.length() > JOINED.length()
                ? containers
                        .find(mode.substring(JOINED.length()))
                        .map(other -> JOINED + other.id())
                        .orElse(mode)
                : mode;
    }

    private @Nullable Image image(CreateRequest request) {
        String name = request.config().image();
        return name.isEmpty() ? null : images.resolve(name, request.platform());
    }

    private static RunConfig runConfig(@Nullable Image image) {
        return image == null ? RunConfig.EMPTY : image.config().runConfig();
    }

    private static List<String> foreign(Image image) {
        Platform own = image.config().platform();
        return own.satisfies(Platform.host())
                ? List.of()
                : List.of("The requested image's platform (" + own.normalized()
                        + ") does not match the detected host platform (" + Platform.host()
                        + ") and no specific platform was requested");
    }

    private static String hostname(String id, HostConfig host) {
        if (!host.networkMode().equals("host")) {
            return id.substring(0, 12);
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return "localhost";
        }
    }

    private String reserve(@Nullable String wanted, String id) {
        if (wanted == null || wanted.isEmpty()) {
            for (int attempt = 0; ; attempt++) {
                String name = RandomName.next(attempt);
                if (containers.reserve(name, id).isEmpty()) {
                    return name;
                }
            }
        }
        String name = checkName(wanted);
        containers.reserve(name, id).ifPresent(owner -> {
            throw nameInUse(name, owner);
        });
        return name;
    }

    /** Without a leading slash; refuses what is no name (400). */
    static String checkName(String wanted) {
        String name = wanted.startsWith("/") ? wanted.substring(1) : wanted;
        if (!NAME.matcher(name).matches()) {
            throw EngineException.invalidParameter(
                    "Invalid container name (" + wanted + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        }
        return name;
    }

    static EngineException nameInUse(String name, String owner) {
        return EngineException.conflict(
                "Conflict. The container name \"/" + name + "\" is already in use by container \"" + owner
                        + "\". You have to remove (or rename) that container to be able to reuse that name.");
    }

    private Container make(String id, String name, @Nullable Image image, ContainerConfig config, HostConfig host)
            throws IOException {
        List<MountPoint> mounts = mounts(config, host);
        Path directory = Files.createDirectories(store.directory(id));
        try {
            Container container = transaction.execute(status -> {
                Container made = new Container(
                        new Container.Identity(
                                id, Instant.now(), image == null ? NO_IMAGE : image.id(), config, mounts, directory),
                        name,
                        host,
                        readWriteLayer(id, directory, image),
                        runtime.newHub(config.tty(), config.openStdin(), config.stdinOnce()));
                store.insert(made);
                return made;
            });
            prepare(container);
            containers.add(container);
            events.publish(container, "create");
            return container;
        } catch (RuntimeException e) {
            removal.discard(directory);
            throw e;
        }
    }

    private void prepare(Container container) throws IOException {
        boolean prepared = false;
        try {
            preparation.prepare(container);
            prepared = true;
        } finally {
            if (!prepared) {
                container.readWriteLayer().remove();
                store.delete(container);
                volumes.removeAnonymous(container);
                removal.discard(container.directory());
            }
        }
    }

    private ReadWriteLayer readWriteLayer(String id, Path directory, @Nullable Image image) {
        try {
            return layers.createReadWriteLayer(id, directory, image == null ? List.of() : image.diffIds());
        } catch (IOException e) {
            throw EngineException.system("cannot create the read-write layer: " + e.getMessage(), e);
        }
    }

    private List<MountPoint> mounts(ContainerConfig config, HostConfig host) throws IOException {
        List<MountPoint> points = new ArrayList<>(MountPoints.of(host));
        Set<String> taken = new TreeSet<>();
        points.forEach(point -> taken.add(point.destination()));
        for (MountPoint inherited : inherited(host)) {
            if (taken.add(inherited.destination())) {
                points.add(inherited);
            }
        }
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
                points.add(MountPoint.anonymousVolume(destination));
            }
        }
        List<MountPoint> placed = new ArrayList<>();
        for (MountPoint point : points) {
            placed.add(
                    point.isVolume() && point.source().isEmpty() ? volumes.place(point, host.volumeDriver()) : point);
        }
        placed.sort(Comparator.comparing(MountPoint::destination));
        return placed;
    }

    private List<MountPoint> inherited(HostConfig host) {
        List<MountPoint> found = new ArrayList<>();
        for (String spec : host.volumesFrom() == null ? List.<String>of() : host.volumesFrom()) {
            String[] parts = spec.split(":", 2);
            Set<String> mode = parts.length < 2 ? Set.of() : Set.of(parts[1].split(","));
            if (!Set.of("ro", "rw", "z", "Z").containsAll(mode)) {
                throw EngineException.invalidParameter("invalid mode: " + parts[1]);
            }
            Optional<Container> other = containers.find(parts[0]);
            if (other.isEmpty()) {
                throw EngineException.invalidParameter("No such container: " + parts[0]);
            }
            other.get().mounts().stream()
                    .filter(point -> !point.type().equals("tmpfs"))
                    .map(point -> mode.contains("ro") ? point.readOnly() : point)
                    .forEach(found::add);
        }
        return found;
    }
}
