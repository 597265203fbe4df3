package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.network.EndpointSettings;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The networks of a container ({@code NetworkSettings}, Engine API 1.51). What stands outside {@code networks} is of the default bridge
 * alone, for clients older than networks.
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkSettings(
        String bridge,
        @JsonProperty("SandboxID") String sandboxId,
        String sandboxKey,
        Map<String, @Nullable List<HostConfig.PortBinding>> ports,
        boolean hairpinMode,
        @JsonProperty("LinkLocalIPv6Address") String linkLocalIpv6Address,
        @JsonProperty("LinkLocalIPv6PrefixLen") int linkLocalIpv6PrefixLen,
        @JsonProperty("SecondaryIPAddresses") @Nullable List<JsonNode> secondaryIpAddresses,
        @JsonProperty("SecondaryIPv6Addresses") @Nullable List<JsonNode> secondaryIpv6Addresses,
        @JsonProperty("EndpointID") String endpointId,
        String gateway,
        @JsonProperty("GlobalIPv6Address") String globalIpv6Address,
        @JsonProperty("GlobalIPv6PrefixLen") int globalIpv6PrefixLen,
        @JsonProperty("IPAddress") String ipAddress,
        @JsonProperty("IPPrefixLen") int ipPrefixLen,
        @JsonProperty("IPv6Gateway") String ipv6Gateway,
        String macAddress,
        Map<String, EndpointSettings> networks) {
    private static final String DEFAULT_BRIDGE = "bridge";

    /** The settings of a container as it is now. */
    static NetworkSettings of(Container container) {
        int pid = container.task().map(task -> task.init().pid()).orElse(0);
        boolean live = pid != 0;
        boolean shares = container.hostConfig().networkMode().startsWith("container:");
        Map<String, EndpointSettings> networks = networks(container);
        EndpointSettings legacy = networks.getOrDefault(DEFAULT_BRIDGE, EndpointSettings.NONE);
        return new NetworkSettings(
                "",
                live && !shares ? container.id() : "",
                live && !shares ? "/proc/" + pid + "/ns/net" : "",
                live && container.networks().bridged() ? PortMap.shown(container) : Map.of(),
                false,
                "",
                0,
                null,
                null,
                legacy.endpointId(),
                legacy.gateway(),
                legacy.globalIpv6Address(),
                legacy.globalIpv6PrefixLen(),
                legacy.ipAddress(),
                legacy.ipPrefixLen(),
                legacy.ipv6Gateway(),
                legacy.macAddress(),
                networks);
    }

    /** With all names but the first, the container's own, as aliases. */
    NetworkSettings withNamesAsAliases() {
        Map<String, EndpointSettings> changed = new TreeMap<>();
        networks.forEach((network, endpoint) -> changed.put(network, endpoint.withNamesAsAliases()));
        return new NetworkSettings(
                bridge,
                sandboxId,
                sandboxKey,
                ports,
                hairpinMode,
                linkLocalIpv6Address,
                linkLocalIpv6PrefixLen,
                secondaryIpAddresses,
                secondaryIpv6Addresses,
                endpointId,
                gateway,
                globalIpv6Address,
                globalIpv6PrefixLen,
                ipAddress,
                ipPrefixLen,
                ipv6Gateway,
                macAddress,
                changed);
    }

    /** The endpoints of a container by the name of the network; none where it uses that of another container. */
    static Map<String, EndpointSettings> networks(Container container) {
        return container.networks().endpoints();
    }
}
