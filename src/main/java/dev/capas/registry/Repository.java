package dev.capas.registry;

import dev.capas.oci.BlobDigest;
import dev.capas.oci.Digest;
import dev.capas.oci.Json;
import dev.capas.oci.MediaType;
import dev.capas.oci.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** One repository of a registry, as one client sees it (OCI distribution specification 1.1, "Pull" and "Push"). */
public final class Repository {
    private static final int MAX_MANIFEST = 4 << 20;
    private static final int MAX_TAGS = 32 << 20;
    private static final String ACCEPTED = String.join(
            ", ",
            MediaType.OCI_MANIFEST,
            MediaType.OCI_INDEX,
            MediaType.DOCKER_MANIFEST,
            MediaType.DOCKER_LIST,
            "application/json");

    private final Reference name;
    private final List<Session> sessions;
    private volatile Session chosen;

    Repository(Reference name, List<Session> sessions) {
        this.name = name;
        this.sessions = List.copyOf(sessions);
        this.chosen = sessions.getLast();
    }

    /**
     * A manifest or index as the registry has it.
     *
     * @param content the exact bytes
     * @param mediaType what it is
     * @param digest of the bytes
     */
    public record Document(byte[] content, String mediaType, Digest digest) {}

    /**
     * Gets a manifest or an index. The first endpoint that has it serves everything from then on.
     *
     * @param tagOrDigest where it is a digest, the content is checked against it
     * @throws RegistryFailure if the registry refuses
     * @throws IOException if no endpoint can be reached, or the content has another digest
     */
    public Document manifest(String tagOrDigest) throws IOException {
        IOException failure = null;
        for (Session session : sessions) {
            try {
                Document document = manifest(session, tagOrDigest);
                chosen = session;
                return document;
            } catch (IOException e) {
                failure = failure instanceof RegistryFailure && !(e instanceof RegistryFailure) ? failure : e;
            }
        }
        throw Objects.requireNonNull(failure);
    }

    private Document manifest(Session session, String tagOrDigest) throws IOException {
        HttpResponse<InputStream> answer = session.get(path("manifests/" + tagOrDigest), Map.of("Accept", ACCEPTED));
        byte[] content = body(answer, MAX_MANIFEST);
        Digest digest = Digest.ofContent(content);
        if (tagOrDigest.contains(":") && !BlobDigest.of(tagOrDigest).isOf(content)) {
            throw new IOException("manifest verification failed for digest " + tagOrDigest);
        }
        String type = answer.headers()
                .firstValue("Content-Type")
                .orElse("")
                .replaceAll(";.*", "")
                .strip();
        if (!MediaType.isIndex(type) && !MediaType.isManifest(type)) {
            type = declaredType(content, type);
        }
        return new Document(content, type, digest);
    }

    private static String declaredType(byte[] content, String fallback) {
        try {
            JsonNode json = Json.MAPPER.readTree(content);
            return json.path("mediaType")
                    .asString(
                            json.has("manifests")
                                    ? MediaType.OCI_INDEX
                                    : json.has("config") ? MediaType.OCI_MANIFEST : fallback);
        } catch (JacksonException e) {
            return fallback;
        }
    }

    /** The names of all tags. */
    public List<String> tags() throws IOException {
        IOException failure = null;
        for (Session session : sessions) {
            try {
                List<String> tags = new ArrayList<>();
                JsonNode json = Json.MAPPER.readTree(body(session.get(path("tags/list"), Map.of()), MAX_TAGS));
                json.path("tags").forEach(tag -> tags.add(tag.asString("")));
                return tags;
            } catch (JacksonException e) {
                failure = new IOException("unable to decode the list of tags: " + e.getOriginalMessage(), e);
            } catch (IOException e) {
                failure = e;
            }
        }
        throw Objects.requireNonNull(failure);
    }

    /**
     * A small blob as a whole, checked against its digest.
     *
     * @param limit the most bytes that are taken
     */
    public byte[] blob(BlobDigest digest, int limit) throws IOException {
        byte[] content = body(chosen.get(path("blobs/" + digest), Map.of()), limit);
        if (!digest.isOf(content)) {
            throw new IOException("image config verification failed for digest " + digest);
        }
        return content;
    }

    /**
     * Opens a blob at a place within.
     *
     * @param from the first byte wanted
     * @return the answer, 206 where the registry heeds the place, else 200 with the whole
     */
    HttpResponse<InputStream> open(BlobDigest digest, long from) throws IOException {
        Map<String, String> headers = from == 0 ? Map.of() : Map.of("Range", "bytes=" + from + "-");
        HttpResponse<InputStream> answer = chosen.get(path("blobs/" + digest), headers);
        if (answer.statusCode() != 200 && answer.statusCode() != 206) {
            throw RegistryFailure.of(answer);
        }
        return answer;
    }

    /** Whether the registry has the blob. */
    public boolean has(Digest blob) throws IOException {
        HttpResponse<InputStream> answer = chosen.send(
                "HEAD", chosen.resolve(path("blobs/" + blob)), Map.of(), HttpRequest.BodyPublishers.noBody());
        answer.body().close();
        if (answer.statusCode() != 200 && answer.statusCode() != 404) {
            throw RegistryFailure.of(answer);
        }
        return answer.statusCode() == 200;
    }

    /**
     * Uploads a blob in one piece (OCI distribution specification 1.1, "Pushing a blob monolithically").
     *
     * @param size in bytes
     * @param content opens the blob, more than once where the registry asks who is there
     */
    public void upload(Digest blob, long size, Supplier<InputStream> content) throws IOException {
        HttpResponse<InputStream> begun = chosen.send(
                "POST", chosen.resolve(path("blobs/uploads/")), Map.of(), HttpRequest.BodyPublishers.noBody());
        if (begun.statusCode() != 202) {
            throw RegistryFailure.of(begun);
        }
        begun.body().close();
        String location = begun.headers()
                .firstValue("Location")
                .orElseThrow(() -> new IOException("the registry says nowhere to upload to"));
        URI place = begun.uri().resolve(location);
        URI target = URI.create(place + (place.getRawQuery() == null ? "?" : "&") + "digest=" + blob);
        HttpRequest.BodyPublisher body = size == 0
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofInputStream(content), size);
        accepted(chosen.send("PUT", target, Map.of("Content-Type", "application/octet-stream"), body));
    }

    /** Uploads a manifest, whose blobs the registry has, under a tag. */
    public void putManifest(String tag, byte[] content, String mediaType) throws IOException {
        accepted(chosen.send(
                "PUT",
                chosen.resolve(path("manifests/" + tag)),
                Map.of("Content-Type", mediaType),
                HttpRequest.BodyPublishers.ofByteArray(content)));
    }

    private static void accepted(HttpResponse<InputStream> answer) throws IOException {
        if (answer.statusCode() / 100 != 2) {
            throw RegistryFailure.of(answer);
        }
        answer.body().close();
    }

    private String path(String what) {
        return "/v2/" + name.path() + "/" + what;
    }

    private static byte[] body(HttpResponse<InputStream> answer, int limit) throws IOException {
        if (answer.statusCode() != 200) {
            throw RegistryFailure.of(answer);
        }
        try (InputStream in = answer.body()) {
            byte[] content = in.readNBytes(limit + 1);
            if (content.length > limit) {
                throw new IOException(answer.uri().getPath() + " has more than " + limit + " bytes");
            }
            return content;
        }
    }
}
