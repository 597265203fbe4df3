package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.image.ConfigChanges;
import dev.capas.image.DockerConfig;
import dev.capas.image.Image;
import dev.capas.image.ImageImport;
import dev.capas.image.Images;
import dev.capas.image.NewImage;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerStore;
import dev.capas.layer.Lease;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import dev.capas.oci.Reference;
import dev.capas.oci.RunConfig;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import tools.jackson.databind.node.ObjectNode;

/** Makes images of containers. */
@Service
public class ContainerCommit {
    private final Containers containers;
    private final ContainerEvents events;
    private final Lifecycle lifecycle;
    private final Images images;
    private final ImageImport creation;
    private final LayerStore layers;

    ContainerCommit(
            Containers containers,
            ContainerEvents events,
            Lifecycle lifecycle,
            Images images,
            ImageImport creation,
            LayerStore layers) {
        this.containers = containers;
        this.events = events;
        this.lifecycle = lifecycle;
        this.images = images;
        this.creation = creation;
        this.layers = layers;
    }

    /**
     * What a client asks for with {@code POST /commit}.
     *
     * @param repository of the new image, empty for none
     * @param tag of the new image, empty for {@code latest}
     * @param pause whether the container is paused meanwhile
     * @param changes instructions that alter the configuration
     * @param config instead of the container's own, or null
     */
    public record Request(
            String container,
            String repository,
            String tag,
            String author,
            String comment,
            boolean pause,
            List<String> changes,
            @Nullable ContainerConfig config) {}

    /**
     * Commits a container.
     *
     * @throws EngineException if there is no such container (404), a change or the name is wrong (400), or it is being removed (409)
     */
    public Digest commit(Request request) {
        Reference name = name(request);
        Container container = containers.get(request.container());
        State.Status status = container.state().status();
        if (status == State.Status.REMOVING || status == State.Status.DEAD) {
            throw EngineException.conflict("You cannot commit container " + container.id() + " which is being removed");
        }
        ObjectNode config = config(container, request);
        Image parent = container.image().isEmpty()
                ? null
                : images.resolve(container.imageId().toString());
        boolean paused = request.pause() && status == State.Status.RUNNING;
        if (paused) {
            lifecycle.pause(container.id());
        }
        Image image;
        try {
            image = make(container, request, config, parent);
        } catch (IOException e) {
            throw EngineException.system("cannot commit container " + container.id() + ": " + e.getMessage(), e);
        } finally {
            if (paused) {
                lifecycle.unpause(container.id());
            }
        }
        if (name != null) {
            images.tag(image.id().toString(), request.repository(), request.tag());
        }
        events.publish(
                container,
                "commit",
                Map.of(
                        "comment", request.comment(),
                        "imageID", image.id().toString(),
                        "imageRef", name == null ? "" : name.withDefaultTag().familiar()));
        return image.id();
    }

    private static @Nullable Reference name(Request request) {
        if (request.repository().isEmpty()) {
            return null;
        }
        Reference name = Reference.parse(request.repository());
        if (name.digest() != null) {
            throw EngineException.invalidParameter("cannot import digest reference");
        }
        return request.tag().isEmpty() ? name : name.withTag(request.tag());
    }

    private static ObjectNode config(Container container, Request request) {
        ContainerConfig own = container.config();
        ContainerConfig base = request.config() == null ? own : request.config();
        ObjectNode config = DockerConfig.complete(Json.MAPPER.valueToTree(base));
        ConfigChanges.apply(config, request.changes());
        if (request.config() == null) {
            return config;
        }
        ContainerConfig changed = Json.MAPPER.treeToValue(config, ContainerConfig.class);
        RunConfig inherited = Json.MAPPER.convertValue(own, RunConfig.class);
        return DockerConfig.complete(
                Json.MAPPER.valueToTree(ConfigRules.merge(changed, inherited, changed.hostname())));
    }

    private Image make(Container container, Request request, ObjectNode config, @Nullable Image parent)
            throws IOException {
        try (Lease lease = layers.lease("commit")) {
            Layer layer = container.readWriteLayer().commit(lease);
            return creation.create(new NewImage(
                    parent,
                    layer.diffId(),
                    config,
                    Json.MAPPER.valueToTree(container.config()),
                    container.id(),
                    String.join(
                            " ", Objects.requireNonNullElse(container.config().cmd(), List.of())),
                    request.author(),
                    request.comment(),
                    Instant.now(),
                    parent == null
                            ? dev.capas.oci.Platform.host()
                            : parent.config().platform()));
        }
    }
}
