package dev.capas.registry;

import dev.capas.oci.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.stereotype.Service;

/** The way to registries. */
@Service
public class Registries {
    private volatile RegistrySettings settings;
    private final Transport transport;

    Registries(RegistrySettings settings, Transport transport) {
        this.settings = settings;
        this.transport = transport;
    }

    /** Goes by these settings from now on. */
    public void use(RegistrySettings changed) {
        settings = changed;
    }

    /**
     * The repository of a name, at the mirrors first and then at the registry itself.
     *
     * @throws IOException if none can be reached
     */
    public Repository repository(Reference name, Credentials credentials) throws IOException {
        return new Repository(name, reachable(name.domain(), credentials));
    }

    /**
     * Checks credentials with the registry that they are for.
     *
     * @throws RegistryFailure if they are refused
     * @throws IOException if the registry cannot be reached
     */
    public void login(Credentials credentials) throws IOException {
        String address = Objects.requireNonNullElse(credentials.serverAddress(), "");
        String domain = address.replaceFirst("^https?://", "").replaceFirst("/.*", "");
        if (domain.isEmpty() || domain.equals("index.docker.io") || domain.equals("registry-1.docker.io")) {
            domain = Reference.DEFAULT_DOMAIN;
        }
        HttpResponse<InputStream> answer =
                reachable(domain, credentials).getLast().get("/v2/", Map.of());
        if (answer.statusCode() != 200) {
            throw RegistryFailure.of(answer);
        }
        answer.body().close();
    }

    /** From the first that can be reached on, in their order; the rest are asked only where that one has not what is wanted. */
    private List<Session> reachable(String domain, Credentials credentials) throws IOException {
        List<Session> sessions = new ArrayList<>();
        IOException failure = null;
        for (RegistrySettings.Endpoint endpoint : settings.endpoints(domain)) {
            Session session = new Session(transport, endpoint, credentials);
            if (sessions.isEmpty()) {
                try {
                    session.reach();
                } catch (IOException e) {
                    failure = e;
                    continue;
                }
            } else if (sessions.stream().anyMatch(session::isAtTheSamePlaceAs)) {
                continue;
            }
            sessions.add(session);
        }
        if (sessions.isEmpty()) {
            throw Objects.requireNonNull(failure);
        }
        return sessions;
    }
}
