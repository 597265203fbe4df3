package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.oci.Descriptor;
import dev.capas.oci.Digest;
import dev.capas.oci.ImageConfig;
import dev.capas.oci.Index;
import dev.capas.oci.Json;
import dev.capas.oci.Manifest;
import dev.capas.oci.MediaType;
import dev.capas.oci.Platform;
import dev.capas.oci.Reference;
import dev.capas.registry.Credentials;
import dev.capas.registry.Registries;
import dev.capas.registry.RegistryFailure;
import dev.capas.registry.Repository;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Service;
import tools.jackson.core.JacksonException;

/** What a registry has, without pulling it. */
@Service
public class Distribution {
    private final Registries registries;

    Distribution(Registries registries) {
        this.registries = registries;
    }

    /**
     * An image of a registry.
     *
     * @param descriptor of its manifest or index
     * @param platforms that it is for
     */
    public record Found(Descriptor descriptor, List<Platform> platforms) {}

    /**
     * Looks the image up in its registry.
     *
     * @throws EngineException if the registry has it not, refuses or cannot be reached
     */
    public Found find(String name, Credentials credentials) {
        Reference reference = Reference.parse(name).withDefaultTag();
        try {
            Repository repository = registries.repository(reference, credentials);
            Repository.Document document = repository.manifest(
                    reference.digest() == null
                            ? String.valueOf(reference.tag())
                            : reference.digest().toString());
            Descriptor descriptor = Descriptor.of(document.mediaType(), document.digest(), document.content().length);
            return new Found(descriptor, platforms(repository, document));
        } catch (JacksonException | IOException e) {
            throw refusal(e);
        }
    }

    /**
     * Gets what describes an image, and none of its layers.
     *
     * @param platform what is chosen where there are several
     * @throws EngineException if the registry has it not, refuses or cannot be reached
     */
    public RemoteImage describe(Reference name, Platform platform, Credentials credentials) {
        Reference reference = name.withDefaultTag();
        try {
            Repository repository = registries.repository(reference, credentials);
            Repository.Document top = repository.manifest(
                    reference.digest() == null
                            ? String.valueOf(reference.tag())
                            : reference.digest().toString());
            Manifest manifest = ImagePull.manifest(repository, top, platform);
            Descriptor described = manifest.config();
            if (described == null || described.digest() == null) {
                throw EngineException.system("unsupported media type " + top.mediaType(), null);
            }
            byte[] json = repository.blob(described.digest(), ImageStore.MAX_CONFIG);
            ImageConfig config = ImageStore.parse(json);
            return new RemoteImage(
                    Digest.ofContent(json),
                    config,
                    ImagePull.blobs(manifest, config).stream()
                            .map(Descriptor::size)
                            .toList());
        } catch (JacksonException | IOException e) {
            throw refusal(e);
        }
    }

    /**
     * Checks credentials with the registry that they are for.
     *
     * @throws EngineException if the registry refuses them or cannot be reached
     */
    public void login(Credentials credentials) {
        try {
            registries.login(credentials);
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    private static EngineException refusal(Exception failure) {
        String words = Objects.requireNonNullElse(failure.getMessage(), failure.toString());
        int status = failure instanceof RegistryFailure refusal ? refusal.status() : 0;
        return switch (status) {
            case 401 -> EngineException.unauthorized(words);
            case 403 -> EngineException.forbidden(words);
            case 404 -> EngineException.notFound(words);
            default -> EngineException.system(words, failure);
        };
    }

    private static List<Platform> platforms(Repository repository, Repository.Document document) throws IOException {
        if (MediaType.isIndex(document.mediaType())) {
            Index index = Json.MAPPER.readValue(document.content(), Index.class);
            return Objects.requireNonNullElse(index.manifests(), List.<Descriptor>of()).stream()
                    .map(Descriptor::platform)
                    .filter(Objects::nonNull)
                    .toList();
        }
        Descriptor config =
                Json.MAPPER.readValue(document.content(), Manifest.class).config();
        if (config == null || config.digest() == null) {
            return List.of();
        }
        ImageConfig image =
                Json.MAPPER.readValue(repository.blob(config.digest(), ImageStore.MAX_CONFIG), ImageConfig.class);
        return List.of(image.platform());
    }
}
