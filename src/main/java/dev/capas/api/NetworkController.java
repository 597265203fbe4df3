package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.container.Containers;
import dev.capas.container.NetworkConnection;
import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import dev.capas.filter.Visibility;
import dev.capas.network.EndpointSettings;
import dev.capas.network.Member;
import dev.capas.network.Network;
import dev.capas.network.NetworkList;
import dev.capas.network.NetworkRequest;
import dev.capas.network.Networks;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** The Network tag of the Engine API. */
@RestController
@Tag(name = "Network")
final class NetworkController {
    /** From this version on a list does not tell who is in the networks. */
    private static final String LISTS_WITHOUT_CONTAINERS = "1.28";

    private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False", "");

    private final Networks networks;
    private final NetworkList list;
    private final NetworkConnection connection;
    private final Containers containers;

    NetworkController(Networks networks, NetworkList list, NetworkConnection connection, Containers containers) {
        this.containers = containers;
        this.networks = networks;
        this.list = list;
        this.connection = connection;
    }

    /** {@code NetworkCreateResponse} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "NetworkCreateResponse")
    record Created(String id, String warning) {}

    /** {@code NetworkConnectRequest} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "NetworkConnectRequest")
    record Connect(@Nullable String container, @Nullable EndpointSettings endpointConfig) {}

    /** {@code NetworkDisconnectRequest} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "NetworkDisconnectRequest")
    record Disconnect(@Nullable String container, boolean force) {}

    /** {@code NetworkPruneResponse} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "NetworkPruneResponse")
    record Pruned(@JsonProperty("NetworksDeleted") @Nullable List<String> deleted) {}

    /**
     * Lists networks, the oldest first.
     *
     * @param filters JSON: {"driver": ["bridge"], …}
     */
    @GetMapping("/networks")
    List<NetworkInspect> list(@RequestParam(required = false) @Nullable String filters, HttpServletRequest request) {
        boolean detailed = ApiVersion.of(request).before(LISTS_WITHOUT_CONTAINERS);
        return list.list(Filters.parse(filters)).stream()
                .map(network -> NetworkInspect.of(network, member -> detailed && isVisible(member)))
                .toList();
    }

    /**
     * Tells all about a network.
     *
     * @param id name, ID, or the beginning of an ID
     * @param verbose true or false; there is no more to tell outside a swarm
     * @param scope local, global or swarm: one of another scope is not found
     */
    @GetMapping("/networks/{id}")
    NetworkInspect inspect(
            @PathVariable String id,
            @RequestParam(defaultValue = "") String verbose,
            @RequestParam(defaultValue = "") String scope) {
        if (!TRUE.contains(verbose) && !FALSE.contains(verbose)) {
            throw EngineException.invalidParameter("invalid value for verbose: " + verbose
                    + ": strconv.ParseBool: parsing \"" + verbose + "\": invalid syntax");
        }
        Network network = networks.get(id);
        boolean elsewhere =
                !scope.isEmpty() && !scope.equals(network.definition().scope());
        if (elsewhere || !Visibility.shows(network.definition().labels())) {
            throw EngineException.notFound("network " + id + " not found");
        }
        return NetworkInspect.of(network, this::isVisible);
    }

    private boolean isVisible(Member member) {
        return !Visibility.isLimited() || containers.find(member.containerId()).isPresent();
    }

    /**
     * Makes a network.
     *
     * @param body what it is to be
     */
    @PostMapping("/networks/create")
    @ResponseStatus(HttpStatus.CREATED)
    Created create(@RequestBody(required = false) @Nullable NetworkRequest body) {
        return new Created(
                networks.create(Objects.requireNonNullElse(body, NetworkRequest.NOTHING))
                        .id(),
                "");
    }

    /**
     * Removes a network that no container is in.
     *
     * @param id name, ID, or the beginning of an ID
     * @param dryRun only tells whether it would go
     */
    @DeleteMapping("/networks/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable String id, @RequestParam(name = "dry-run", defaultValue = "false") boolean dryRun) {
        if (dryRun) {
            networks.checkRemove(id);
        } else {
            networks.remove(id);
        }
    }

    /**
     * Connects a container with a network.
     *
     * @param id name, ID, or the beginning of an ID
     * @param body which container, and what it asks for
     */
    @PostMapping("/networks/{id}/connect")
    void connect(@PathVariable String id, @RequestBody(required = false) @Nullable Connect body) {
        connection.connect(
                id,
                body == null ? "" : Objects.requireNonNullElse(body.container(), ""),
                body == null ? null : body.endpointConfig());
    }

    /**
     * Disconnects a container from a network.
     *
     * @param id name, ID, or the beginning of an ID
     * @param body which container
     */
    @PostMapping("/networks/{id}/disconnect")
    void disconnect(@PathVariable String id, @RequestBody(required = false) @Nullable Disconnect body) {
        connection.disconnect(
                id, body == null ? "" : Objects.requireNonNullElse(body.container(), ""), body != null && body.force());
    }

    /**
     * Removes all networks that no container is in.
     *
     * @param filters JSON: {"until": […], "label": […]}
     * @param dryRun only tells what would go
     */
    @PostMapping("/networks/prune")
    Pruned prune(
            @RequestParam(required = false) @Nullable String filters,
            @RequestParam(name = "dry-run", defaultValue = "false") boolean dryRun) {
        Filters wanted = Filters.parse(filters);
        List<String> deleted = dryRun ? list.previewPrune(wanted) : list.prune(wanted);
        return new Pruned(deleted.isEmpty() ? null : deleted);
    }
}
