package dev.capas.registry;

import dev.capas.oci.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Requests of one client to one endpoint, authenticated as the registry asks for it. */
final class Session {
    private static final int MAX_TOKEN = 1 << 20;

    private final Transport transport;
    private final RegistrySettings.Endpoint endpoint;
    private final Credentials credentials;
    private volatile @Nullable String authorization;

    Session(Transport transport, RegistrySettings.Endpoint endpoint, Credentials credentials) {
        this.transport = transport;
        this.endpoint = endpoint;
        this.credentials = credentials;
        String token = credentials.registryToken();
        this.authorization = token == null || token.isEmpty() ? null : "Bearer " + token;
    }

    /** Finds out whether anything that speaks HTTP answers there, whatever it says. */
    void reach() throws IOException {
        attempt("GET", resolve("/v2/"), Map.of(), HttpRequest.BodyPublishers.noBody())
                .body()
                .close();
    }

    /** Whether they differ in nothing but TLS. */
    boolean isAtTheSamePlaceAs(Session other) {
        return endpoint.base().getAuthority().equals(other.endpoint.base().getAuthority());
    }

    HttpResponse<InputStream> get(String path, Map<String, String> headers) throws IOException {
        return send("GET", resolve(path), headers, HttpRequest.BodyPublishers.noBody());
    }

    URI resolve(String path) {
        return endpoint.base().resolve(path);
    }

    /**
     * Sends a request, and sends it again with what the registry asks for where it answers 401.
     *
     * @param body must be fit to be sent twice
     * @throws IOException if the registry cannot be reached, or the client has not what it asks for
     */
    HttpResponse<InputStream> send(String method, URI uri, Map<String, String> headers, HttpRequest.BodyPublisher body)
            throws IOException {
        HttpResponse<InputStream> answer = attempt(method, uri, headers, body);
        if (answer.statusCode() != 401) {
            return answer;
        }
        List<Challenge> challenges = Challenge.parse(answer.headers().allValues("WWW-Authenticate"));
        Optional<String> fresh = answer(challenges, method, uri);
        if (fresh.isEmpty()) {
            return answer;
        }
        answer.body().close();
        authorization = fresh.get();
        return attempt(method, uri, headers, body);
    }

    private HttpResponse<InputStream> attempt(
            String method, URI uri, Map<String, String> headers, HttpRequest.BodyPublisher body) throws IOException {
        Map<String, String> all = new TreeMap<>(headers);
        String known = authorization;
        if (known != null && uri.getAuthority().equals(endpoint.base().getAuthority())) {
            all.put("Authorization", known);
        }
        all.put("User-Agent", "capas");
        try {
            return transport.send(method, uri, all, body, endpoint.verified());
        } catch (IOException e) {
            throw new IOException(inGoWords(method, uri, e), e);
        }
    }

    private Optional<String> answer(List<Challenge> challenges, String method, URI uri) throws IOException {
        for (Challenge challenge : challenges) {
            switch (challenge.scheme()) {
                case "bearer" -> {
                    return Optional.of("Bearer " + token(challenge.parameters()));
                }
                case "basic" -> {
                    if (!credentials.hasPassword()) {
                        throw new IOException(goMethod(method) + " \"" + uri + "\": no basic auth credentials");
                    }
                    return Optional.of(basic());
                }
                default -> {}
            }
        }
        return Optional.empty();
    }

    private String basic() {
        String pair = credentials.username() + ":" + credentials.password();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /** Gets a token from the server that the challenge names (Docker's token authentication specification, and its OAuth 2 form). */
    private String token(Map<String, String> challenge) throws IOException {
        String realm = challenge.getOrDefault("realm", "");
        StringBuilder query = new StringBuilder();
        append(query, "service", challenge.get("service"));
        for (String scope : challenge.getOrDefault("scope", "").split(" ")) {
            append(query, "scope", scope);
        }
        HttpResponse<InputStream> answer;
        String refresh = credentials.identityToken();
        URI server;
        try {
            server = endpoint.base().resolve(realm);
        } catch (IllegalArgumentException e) {
            throw new IOException("invalid realm \"" + realm + "\"", e);
        }
        if (refresh != null && !refresh.isEmpty()) {
            append(query, "grant_type", "refresh_token");
            append(query, "refresh_token", refresh);
            append(query, "client_id", "docker");
            answer = transport.send(
                    "POST",
                    server,
                    Map.of("Content-Type", "application/x-www-form-urlencoded"),
                    HttpRequest.BodyPublishers.ofString(query.toString()),
                    endpoint.verified());
        } else {
            Map<String, String> headers = Map.of();
            if (credentials.hasPassword()) {
                append(query, "account", credentials.username());
                headers = Map.of("Authorization", basic());
            }
            URI uri = URI.create(server + (server.getQuery() == null ? "?" : "&") + query);
            answer = transport.send("GET", uri, headers, HttpRequest.BodyPublishers.noBody(), endpoint.verified());
        }
        if (answer.statusCode() / 100 != 2) {
            throw RegistryFailure.of(answer);
        }
        try (InputStream body = answer.body()) {
            JsonNode json = Json.MAPPER.readTree(body.readNBytes(MAX_TOKEN));
            String token = json.path("token").asString(json.path("access_token").asString(""));
            if (token.isEmpty()) {
                throw new IOException("authorization server did not include a token in the response");
            }
            return token;
        } catch (JacksonException e) {
            throw new IOException("unable to decode token response: " + e.getOriginalMessage(), e);
        }
    }

    private static void append(StringBuilder query, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            query.append(query.isEmpty() ? "" : "&")
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }

    private static String goMethod(String method) {
        return method.charAt(0) + method.substring(1).toLowerCase(java.util.Locale.ROOT);
    }

    /** Clients look for the words that Go has for what keeps a request from its server. */
    private static String inGoWords(String method, URI uri, IOException e) {
        String host = uri.getHost();
        String address = host + ":"
                + (uri.getPort() > 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80);
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String reason;
        if (root instanceof UnresolvedAddressException || root instanceof UnknownHostException) {
            reason = "dial tcp: lookup " + host + ": no such host";
        } else if (e instanceof ConnectException) {
            reason = "dial tcp " + address + ": connect: "
                    + (root.getMessage() == null || root instanceof java.nio.channels.ClosedChannelException
                            ? "connection refused"
                            : root.getMessage().toLowerCase(java.util.Locale.ROOT));
        } else {
            reason = e.getMessage() == null ? root.toString() : e.getMessage();
        }
        return goMethod(method) + " \"" + uri + "\": " + reason;
    }
}
