package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.network.EndpointRules;
import dev.capas.network.EndpointSettings;
import dev.capas.network.Network;
import dev.capas.network.NetworkDefinition;
import dev.capas.network.Networks;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Which networks a new container is to join (dockerd's rules and words). */
@Component
class EndpointRequests {
    private final Networks networks;

    EndpointRequests(Networks networks) {
        this.networks = networks;
    }

    /**
     * Its networks as they are asked for.
     *
     * @param mode with the default in its place
     * @param containerMac the address of the link layer that older clients give the container as a whole, or empty
     * @throws EngineException (400) for what cannot be right
     */
    ContainerNetworks read(String mode, String containerMac, @Nullable NetworkingConfig asked) {
        if (mode.startsWith("container:")) {
            return ContainerNetworks.NONE;
        }
        Map<String, EndpointSettings> endpoints = new TreeMap<>();
        for (Map.Entry<String, @Nullable EndpointSettings> each : asked == null
                ? Map.<String, @Nullable EndpointSettings>of().entrySet()
                : asked.endpoints().entrySet()) {
            EndpointSettings settings = each.getValue();
            if (settings == null) {
                throw EngineException.invalidParameter(
                        "invalid config for network " + each.getKey() + ": EndpointsConfig is nil");
            }
            String name = each.getKey().equals("default") ? NetworkDefinition.DEFAULT_NETWORK : each.getKey();
            endpoints.put(name, settings.idle(settings.macAddress(), "", null));
        }
        String main = mainNetwork(mode, endpoints);
        if (!containerMac.isEmpty() && hasOwnLinks(mode)) {
            endpoints.put(main, withMac(endpoints.getOrDefault(main, EndpointSettings.NONE), containerMac));
        }
        endpoints.forEach(this::check);
        if (endpoints.isEmpty()) {
            endpoints.put(main, EndpointSettings.NONE);
        }
        return ContainerNetworks.asked(endpoints);
    }

    private static boolean hasOwnLinks(String mode) {
        return !mode.startsWith("container:")
                && !mode.equals(NetworkDefinition.HOST_NETWORK)
                && !mode.equals(NetworkDefinition.NO_NETWORK);
    }

    /** The name under which the mode's network is kept: its own, whatever a client says for it. */
    private String mainNetwork(String mode, Map<String, EndpointSettings> endpoints) {
        Network network = networks.find(mode).orElse(null);
        if (network == null) {
            return mode;
        }
        EndpointSettings byId = endpoints.get(network.id());
        if (byId != null && !endpoints.containsKey(network.name())) {
            endpoints.remove(network.id());
            endpoints.put(network.name(), byId);
        }
        return network.name();
    }

    /** The name of the mode's network, or what the mode says where there is none. */
    String nameOf(String mode) {
        return mode.startsWith("container:")
                ? mode
                : networks.find(mode).map(Network::name).orElse(mode);
    }

    private static EndpointSettings withMac(EndpointSettings settings, String containerMac) {
        if (!settings.macAddress().isEmpty() && !settings.macAddress().equals(containerMac)) {
            throw EngineException.invalidParameter("the container-wide MAC address must match the endpoint-specific MAC"
                    + " address for the main network, or be left empty");
        }
        return settings.withMac(containerMac);
    }

    private void check(String name, EndpointSettings settings) {
        try {
            EndpointRules.check(name, networks.find(name).orElse(null), settings);
        } catch (EngineException e) {
            throw EngineException.invalidParameter("invalid config for network " + name + ": " + e.getMessage());
        }
    }
}
