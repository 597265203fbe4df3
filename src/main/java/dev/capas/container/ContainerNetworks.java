package dev.capas.container;

import dev.capas.network.EndpointSettings;
import dev.capas.network.NetworkDefinition;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * The networks of a container: what was asked for and, while it runs, what it got. It is kept with the container's row.
 *
 * @param endpoints by the name of the network
 * @param macAddresses those that were asked for, by the name of the network
 * @param interfaces the names of its interfaces by the name of the network, while it runs
 * @param published its ports that the host publishes, while it runs
 */
record ContainerNetworks(
        Map<String, EndpointSettings> endpoints,
        Map<String, String> macAddresses,
        Map<String, String> interfaces,
        List<Published> published) {
    /** In no network. */
    static final ContainerNetworks NONE = new ContainerNetworks(Map.of(), Map.of(), Map.of(), List.of());

    /** What is missing is empty. */
    ContainerNetworks {
        endpoints = endpoints == null ? Map.of() : endpoints;
        macAddresses = macAddresses == null ? Map.of() : macAddresses;
        interfaces = interfaces == null ? Map.of() : interfaces;
        published = published == null ? List.of() : published;
    }

    /**
     * A port of the host by which one of the container is reached.
     *
     * @param address of the host
     * @param protocol {@code tcp} or {@code udp}
     */
    record Published(String address, int hostPort, int port, String protocol) {}

    /** As they are asked for, none of them given yet. */
    static ContainerNetworks asked(Map<String, EndpointSettings> endpoints) {
        Map<String, String> macs = new TreeMap<>();
        endpoints.forEach((name, settings) -> {
            if (!settings.macAddress().isEmpty()) {
                macs.put(name, settings.macAddress());
            }
        });
        return new ContainerNetworks(new TreeMap<>(endpoints), macs, Map.of(), List.of());
    }

    /** Whether one of them is a bridge. */
    boolean bridged() {
        return endpoints.keySet().stream()
                .anyMatch(name ->
                        !name.equals(NetworkDefinition.HOST_NETWORK) && !name.equals(NetworkDefinition.NO_NETWORK));
    }

    /** The address of the link layer that was asked for in a network, or empty. */
    String macAddress(String network) {
        return macAddresses.getOrDefault(network, "");
    }

    /** With one network more, or in place of what it was. */
    ContainerNetworks with(String network, EndpointSettings settings) {
        Map<String, EndpointSettings> changed = new TreeMap<>(endpoints);
        changed.put(network, settings);
        return new ContainerNetworks(changed, macAddresses, interfaces, published);
    }

    /** With one network more, where an address of the link layer may be asked for. */
    ContainerNetworks asking(String network, EndpointSettings settings) {
        Map<String, String> macs = new TreeMap<>(macAddresses);
        macs.put(network, settings.macAddress());
        macs.values().removeIf(String::isEmpty);
        return new ContainerNetworks(with(network, settings).endpoints, macs, interfaces, published);
    }

    /** Without one. */
    ContainerNetworks without(String network) {
        Map<String, EndpointSettings> changed = new TreeMap<>(endpoints);
        changed.remove(network);
        Map<String, String> macs = new TreeMap<>(macAddresses);
        macs.remove(network);
        Map<String, String> names = new TreeMap<>(interfaces);
        names.remove(network);
        return new ContainerNetworks(changed, macs, names, published);
    }

    /** With the name of an interface. */
    ContainerNetworks through(String network, String name) {
        Map<String, String> names = new TreeMap<>(interfaces);
        names.put(network, name);
        return new ContainerNetworks(endpoints, macAddresses, names, published);
    }

    /** The first of the usual names that none of its interfaces has. */
    String freeInterface() {
        int number = 0;
        while (interfaces.containsValue("eth" + number)) {
            number++;
        }
        return "eth" + number;
    }

    /** With these ports. */
    ContainerNetworks publishing(List<Published> ports) {
        return new ContainerNetworks(endpoints, macAddresses, interfaces, List.copyOf(ports));
    }

    /** With each endpoint changed. */
    ContainerNetworks mapped(BiFunction<String, EndpointSettings, EndpointSettings> change) {
        Map<String, EndpointSettings> changed = new TreeMap<>();
        endpoints.forEach((name, settings) -> changed.put(name, change.apply(name, settings)));
        return new ContainerNetworks(changed, macAddresses, interfaces, published);
    }

    /** As they are asked for, in the networks that they were in. */
    ContainerNetworks idle() {
        Map<String, EndpointSettings> changed = new TreeMap<>();
        endpoints.forEach(
                (name, settings) -> changed.put(name, settings.idle("", settings.networkId(), settings.dnsNames())));
        return new ContainerNetworks(changed, macAddresses, Map.of(), List.of());
    }
}
