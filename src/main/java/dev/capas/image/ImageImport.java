package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerStore;
import dev.capas.layer.Lease;
import dev.capas.layer.tar.Decompression;
import dev.capas.oci.Platform;
import dev.capas.oci.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLConnection;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import tools.jackson.databind.node.ObjectNode;

/** Makes images: of a file tree in an archive, and of what a container or a build has made on top of another image. */
@Service
public class ImageImport {
    private final LayerStore layers;
    private final ImageStore store;
    private final Images images;

    ImageImport(LayerStore layers, ImageStore store, Images images) {
        this.layers = layers;
        this.store = store;
        this.images = images;
    }

    /**
     * What to make of an archive.
     *
     * @param source {@code -} for the body of the request, else a URL to get it from
     * @param name the name of the new image, null for none
     * @param message its comment, empty for one that names the source
     * @param changes instructions that alter its configuration
     * @param platform what it is for, null for this machine
     */
    public record Request(
            String source,
            @Nullable Reference name,
            String message,
            List<String> changes,
            @Nullable Platform platform) {
        /** Checks what can be checked before the archive is read, in Docker's words. */
        public Request {
            if (name != null && name.digest() != null) {
                throw EngineException.invalidParameter("cannot import digest reference");
            }
            if (platform != null && !"linux".equals(platform.os())) {
                throw EngineException.invalidParameter("operating system is not supported");
            }
            ConfigChanges.apply(DockerConfig.empty(), changes);
        }
    }

    /**
     * Imports an archive, plain or compressed.
     *
     * @param body of the request
     * @param out gets the ID of the image as a status line
     * @throws EngineException if the archive is refused; nothing is left of it then
     */
    public Image importTree(InputStream body, Request request, Consumer<JsonMessage> out) throws IOException {
        ObjectNode config = DockerConfig.empty();
        ConfigChanges.apply(config, request.changes());
        try (InputStream archive = open(request.source(), body, out);
                Lease lease = layers.lease("import")) {
            Decompression.Plain plain = Decompression.of(archive);
            Layer layer = layers.add(plain.stream(), null, null, lease);
            Image image = create(new NewImage(
                    null,
                    layer.diffId(),
                    config,
                    DockerConfig.empty(),
                    "",
                    "",
                    "",
                    request.message().isEmpty() ? "Imported from " + request.source() : request.message(),
                    Instant.now(),
                    request.platform() == null ? Platform.host() : request.platform()));
            if (request.name() != null) {
                images.tag(image, request.name().withDefaultTag());
            }
            images.tell("import", image, image.id().toString());
            out.accept(JsonMessage.status(image.id().toString()));
            return image;
        }
    }

    private static InputStream open(String source, InputStream body, Consumer<JsonMessage> out) throws IOException {
        if (source.equals("-")) {
            return body;
        }
        if (source.isEmpty()) {
            throw EngineException.system("Get \"http:\": http: no Host in request URL", null);
        }
        try {
            URI url = new URI(source.contains("://") ? source : "http://" + source);
            URLConnection connection = url.toURL().openConnection();
            InputStream content = connection.getInputStream();
            out.accept(JsonMessage.status("Downloading from " + url));
            return new Progress(out).of(content, "", "Importing", connection.getContentLengthLong());
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw EngineException.invalidParameter("parse \"" + source + "\": invalid URL");
        } catch (IOException e) {
            throw EngineException.system("Get \"" + source + "\": " + e.getMessage(), e);
        }
    }

    /** Makes the image; its new layer is held by a lease of the caller. It has no name yet, and no event tells of it. */
    public Image create(NewImage image) {
        byte[] json = image.json();
        return store.write(() -> {
            Image created = store.add(json, ImageStore.parse(json));
            if (image.parent() != null) {
                store.setParent(created.id(), image.parent().id());
            }
            return store.find(created.id()).orElseThrow();
        });
    }
}
