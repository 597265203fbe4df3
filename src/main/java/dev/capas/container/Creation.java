package dev.capas.container;

import dev.capas.container.spec.Capabilities;
import dev.capas.container.spec.SecurityOptions;
import dev.capas.errdefs.EngineException;
import dev.capas.image.Image;
import dev.capas.image.Images;
import dev.capas.layer.LayerStore;
import dev.capas.layer.ReadWriteLayer;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import dev.capas.oci.Platform;
import dev.capas.oci.RunConfig;
import dev.capas.runtime.ContainerRuntime;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
    private final MountPlacement placement;
    private final ContainerRuntime runtime;
    private final RootPreparation preparation;
    private final Removal removal;
    private final EndpointRequests endpoints;
    private final Links links;
    private final TransactionTemplate transaction;

    Creation(
            Containers containers,
            ContainerStore store,
            ContainerEvents events,
            HostDefaults defaults,
            Images images,
            LayerStore layers,
            MountPlacement placement,
            ContainerRuntime runtime,
            RootPreparation preparation,
            Removal removal,
            EndpointRequests endpoints,
            Links links,
            TransactionTemplate transaction) {
        this.containers = containers;
        this.store = store;
        this.events = events;
        this.defaults = defaults;
        this.images = images;
        this.layers = layers;
        this.placement = placement;
        this.runtime = runtime;
        this.preparation = preparation;
        this.removal = removal;
        this.endpoints = endpoints;
        this.links = links;
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
        boolean defaultNetwork = Set.of("", "default", "bridge").contains(given.networkMode());
        checkJoined(given, defaultNetwork);
        Image image = image(request);
        if (image != null && request.platform() == null) {
            warnings.addAll(foreign(image));
        }
        String id = Ids.random();
        HostConfig host = joiningById(defaults.apply(given), defaultNetwork);
        ContainerNetworks networks =
                endpoints.read(host.networkMode(), request.config().macAddress(), request.networking());
        ContainerConfig config = ConfigRules.merge(request.config(), runConfig(image), hostname(id, host))
                .withMacAddress(networks.macAddress(endpoints.nameOf(host.networkMode())));
        String name = reserve(request.name(), id);
        try {
            return new Created(make(id, name, image, config, host, networks), warnings);
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

    private void checkJoined(HostConfig host, boolean defaultNetwork) {
        for (String mode : List.of(host.ipcMode(), host.pidMode())) {
            String name = mode.startsWith(JOINED) ? mode.substring(JOINED.length()) : "";
            if (!name.isEmpty() && containers.find(name).isEmpty()) {
                throw EngineException.invalidParameter("No such container: " + name);
            }
        }
        for (String link : host.links() == null || !defaultNetwork ? List.<String>of() : host.links()) {
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
    private HostConfig joiningById(HostConfig host, boolean defaultNetwork) {
        List<String> linked = host.links() == null || !defaultNetwork ? List.of() : host.links();
        if (linked.isEmpty()
                && Stream.of(host.networkMode(), host.pidMode(), host.ipcMode())
                        .noneMatch(mode -> mode.startsWith(JOINED))) {
            return host;
        }
        return host.with(fields -> {
            fields.put("NetworkMode", byId(host.networkMode()));
            fields.put("PidMode", byId(host.pidMode()));
            fields.put("IpcMode", byId(host.ipcMode()));
            if (!linked.isEmpty()) {
                fields.set("Links", Json.MAPPER.valueToTree(links.byId(linked)));
            }
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

    private Container make(
            String id,
            String name,
            @Nullable Image image,
            ContainerConfig config,
            HostConfig host,
            ContainerNetworks networks)
            throws IOException {
        Path directory = Files.createDirectories(store.directory(id));
        List<MountPoint> mounts = List.of();
        try {
            mounts = placement.place(id, directory, config, host);
            List<MountPoint> placed = mounts;
            Container container = transaction.execute(status -> {
                Container made = new Container(
                        new Container.Identity(
                                id, Instant.now(), image == null ? NO_IMAGE : image.id(), config, placed, directory),
                        name,
                        host,
                        readWriteLayer(id, directory, image),
                        runtime.newHub(config.tty(), config.openStdin(), config.stdinOnce()));
                holdImages(made);
                made.setNetworks(networks);
                store.insert(made);
                return made;
            });
            prepare(container);
            containers.add(container);
            placement.end(id, mounts);
            events.publish(container, "create");
            return container;
        } catch (IOException | RuntimeException e) {
            placement.giveUp(id, mounts);
            removal.discard(directory);
            throw e;
        }
    }

    /** So that the layers of the images that are mounted in it stay as long as it does. */
    private void holdImages(Container container) {
        List<Digest> mounted = container.mounts().stream()
                .filter(MountPoint::isImage)
                .flatMap(point -> point.layers() == null ? Stream.of() : point.layers().stream())
                .toList();
        if (!mounted.isEmpty()) {
            layers.hold(container.id(), mounted);
        }
    }

    private void prepare(Container container) throws IOException {
        boolean prepared = false;
        try {
            preparation.prepare(container);
            prepared = true;
        } finally {
            if (!prepared) {
                store.delete(container);
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
}
